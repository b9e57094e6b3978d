import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import { systemAnswer } from './system-answer.ts';

/**
 * Not for viewers: settings name internal networks, paths and who has which role. Operators need them at night, when a setting is why something does
 * not happen. There is nothing in it that only an administrator could use.
 */
export function addSystemRoutes(api: Api, { system }: Pick<ApiDeps, 'system'>): void {
  addRoute(api, {
    method: 'get',
    path: '/system',
    scope: 'operate',
    summary: 'Versions, the health of Temporal and the database, retention, and settings with their origin',
    description:
      'Of the server that answers. Processes, task queues and addresses are in `GET /status`. No value of a secret is in it.',
    answer: systemAnswer,
    handle: () => system(),
  });
}
