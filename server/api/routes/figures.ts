import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import { figuresAnswer } from './figures-answer.ts';

export function addFigureRoutes(api: Api, { figures }: Pick<ApiDeps, 'figures'>): void {
  addRoute(api, {
    method: 'get',
    path: '/figures',
    scope: 'read',
    summary: 'How much came and went in the last hour, and how fast',
    description:
      'At most 5 seconds old. What waits, and since when, is in `GET /status`. At most the newest 20,000 events and runs and the newest 4,000 requests to endpoints are counted.',
    answer: figuresAnswer,
    handle: () => figures(),
  });
}
