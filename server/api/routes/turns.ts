import { z } from 'zod';
import { freeKey } from '../../../storage/turns/end-turn.ts';
import { listKeys } from '../../turns/list-keys.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { actorOf } from '../scopes.ts';

const turn = z
  .object({
    definition: z.string(),
    key: z.string(),
    workflowId: z.string().describe('The run that has the key, or is next.'),
    state: z.enum(['ready', 'holding', 'blocked']),
    since: fields.instant,
    waiting: z.int().describe('How many runs wait behind it, up to 1,000.'),
  })
  .meta({ id: 'Turn' });

export function addTurnRoutes(api: Api, deps: Pick<ApiDeps, 'database' | 'installation' | 'wakeDispatcher'>): void {
  addRoute(api, {
    method: 'get',
    path: '/turns',
    scope: 'read',
    summary: 'The keys for which runs wait, or that a failed run keeps',
    query: fields.pageQuery({ all: fields.flag, definition: fields.optional(fields.definitionName) }),
    answer: fields.pageOf(turn),
    handle: ({ query }) =>
      readPage(deps.installation, { list: 'turns', query }, (page) => listKeys(deps.database, { ...query, ...page })),
  });
  addRoute(api, {
    method: 'post',
    path: '/turns/free',
    scope: 'operate',
    summary: 'Take a key from the run that has it, so that the next one goes on',
    body: z.strictObject({
      definition: fields.definitionName,
      key: fields.words(1_000),
      reason: fields.reason,
      by: fields.by,
    }),
    answer: z.object({ workflowId: z.string().nullable().describe('Null: no run has the key.') }),
    async handle({ body: { definition, key, reason, by }, caller }) {
      const workflowId = await freeKey(deps.database, { definition, key, reason, actor: actorOf(caller, by) });
      if (workflowId !== null) deps.wakeDispatcher();
      return { workflowId };
    },
  });
}
