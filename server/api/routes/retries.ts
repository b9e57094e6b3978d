import { z } from 'zod';
import { readAddress } from '../../../http/networks.ts';
import { cutText } from '../../../language/well-formed.ts';
import { listRetries } from '../../rescue/list-retries.ts';
import type { RetryRefusal } from '../../rescue/retry-run.ts';
import type { ApiDeps } from '../api-deps.ts';
import { openCursor, sealCursor } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { actorOf } from '../scopes.ts';

const keys = z.array(z.string());
const plan = z
  .object({
    kind: z
      .enum(['resume', 'redo'])
      .describe(
        '`resume`: nothing was undone, so the run goes on where it stopped. `redo`: what was undone is done again.',
      ),
    stands: keys.describe('Steps that keep what they have done.'),
    again: keys.describe('Steps that were undone, and are done again under new idempotency keys.'),
    from: keys.describe('Steps that failed, were canceled or were under way, and run again under the same keys.'),
    inDoubt: keys.describe('Those of them whose effect may have happened.'),
    undoFailed: keys.describe('Steps whose undo failed.'),
  })
  .meta({ id: 'RetryPlan' });

const refusals = [
  'unknown',
  'child',
  'running',
  'which-step',
  'completed',
  'being-retried',
  'ran-again',
  'gone',
  'undo-failed',
  'definition',
  'not-genuine',
  'too-large',
  'child-gone',
  'no-answer',
] as const satisfies RetryRefusal[];

const retried = z
  .object({
    refused: z.enum(refusals).nullable().describe('Why it is not retried.'),
    detail: z.string().nullable(),
    of: z.string().describe('The run that is retried: the latest that goes on from the one that was asked for.'),
    ended: z.string().nullable().describe('How it has ended.'),
    run: z
      .string()
      .nullable()
      .describe('The workflow id of the new run, which starts soon. Null: the run has not ended, and goes on itself.'),
    plan: plan.nullable(),
    steps: keys.describe('If the run is under way: the steps that are tried again, in that run.'),
    definitions: z
      .object({ before: z.unknown(), after: z.unknown() })
      .nullable()
      .describe('Both definitions, if the new run has another one.'),
  })
  .meta({ id: 'RetriedRun' });

const how = {
  reason: fields.reason,
  by: fields.by,
  undoFailed: fields.optional(z.enum(['stands', 'undone']).describe('stands or undone')),
  via: z.enum(['api', 'cli']).default('api').describe('api or cli'),
  current: z.boolean().default(false).describe('true or false'),
  dryRun: z.boolean().default(false).describe('true or false'),
};

type Deps = Pick<ApiDeps, 'database' | 'installation' | 'retryRun' | 'retryRuns' | 'log'>;

export function addRetryRoutes(api: Api, deps: Deps): void {
  const { log } = deps;
  addRoute(api, {
    method: 'post',
    path: '/runs/{run}/retry',
    scope: 'operate',
    summary: 'Have a run go on that has ended or is parked',
    description:
      'A parked run tries its step again, and so does one that is between two attempts. For a run that has ended, starts a new run, which goes on from the failed step. What stands keeps its results and its idempotency keys. What was undone is done again, under new keys. A run can be retried once; after that, its successor can.',
    params: fields.runParams,
    body: z.strictObject({
      ...how,
      all: z.boolean().default(false).describe('true or false').meta({ title: 'All steps at which it is parked.' }),
    }),
    answer: retried,
    async handle({ params, body: { by, ...body }, caller, request }) {
      const actor = cutText(actorOf(caller, by), 200);
      const address = readAddress(request.raw.socket.remoteAddress ?? '');
      const answer = await deps.retryRun({ ...body, workflowId: params.run, actor, address });
      if (answer.refused === null && !body.dryRun)
        log.warn({ run: answer.run, of: answer.of, steps: answer.steps, by }, 'run to be retried');
      return answer;
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/runs/{run}/retries',
    scope: 'read',
    summary: 'The runs that go on from a run',
    params: fields.runParams,
    answer: z.object({
      items: z.array(
        z.object({
          run: z.string(),
          of: z.string(),
          state: z.enum(['pending', 'started', 'refused']),
          requestedAt: fields.instant,
          detail: z.string().nullable(),
        }),
      ),
      next: fields.nextCursor,
    }),
    handle: async ({ params }) => ({ items: await listRetries(deps.database, params.run), next: null }),
  });
  addRoute(api, {
    method: 'post',
    path: '/retries',
    scope: 'operate',
    summary: 'Have the runs go on that have failed',
    description:
      'The newest failures first. Runs that were retried before, canceled or terminated are left out. Detached child runs are named, and refused with `child`.',
    body: z.strictObject({
      ...how,
      definition: fields.optional(fields.definitionName),
      since: fields.instantGiven,
      cursor: fields.optional(fields.cursor),
      limit: z.int().min(1).max(200).default(100).describe('a whole number from 1 to 200'),
    }),
    answer: z.object({ items: z.array(retried), next: fields.nextCursor }),
    async handle({ body: { by, cursor, ...body }, caller }) {
      const key = { list: 'retries', filters: { definition: body.definition, since: body.since } };
      const [after = null] = openCursor(deps.installation, key, cursor) ?? [];
      const request = {
        ...body,
        actor: cutText(actorOf(caller, by), 200),
        after: after === null ? null : String(after),
      };
      const { items, next } = await deps.retryRuns(request);
      const started = items.filter(({ refused }) => refused === null).length;
      if (started > 0 && !body.dryRun) log.warn({ runs: started, by }, 'failed runs to be retried');
      return { items, next: next === null ? null : sealCursor(deps.installation, key, [next]) };
    },
  });
}
