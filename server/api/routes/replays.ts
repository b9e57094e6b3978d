import { z } from 'zod';
import { readAddress } from '../../../http/networks.ts';
import { cutText } from '../../../language/well-formed.ts';
import { endedDeliveryStates, type ReplayedWhat } from '../../../storage/schema.ts';
import { cancelPending, markCanceled } from '../../replays/cancel-replay.ts';
import { findReplay, listReplays, type ReplayLook } from '../../replays/look-at-replays.ts';
import { replayRunId } from '../../replays/replay-run.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf } from '../scopes.ts';
import { requireDone } from './commands.ts';

const states = ['pending', 'running', 'paused', 'parked', 'completed', 'canceled', 'failed', 'refused'] as const;
states satisfies readonly ReplayLook[];

const replay = z
  .object({
    id: z.string(),
    tenant: z.string().nullable().describe('Only deliveries of this tenant. Null: of everybody.'),
    state: z
      .enum(states)
      .describe(
        '`pending`: it starts within seconds. `parked`: a batch has failed too often; retry it as a step of its run. `failed`, `refused`: see `lastError`.',
      ),
    missing: z.boolean(),
    states: z.array(z.enum(endedDeliveryStates)),
    endpoint: z.string().nullable(),
    type: z.string().nullable(),
    since: fields.instant.nullable(),
    until: fields.instant.nullable(),
    total: z.int().describe('How many there were when it was asked for.'),
    done: z.int().describe('How many of them it has looked at.'),
    sent: z
      .int()
      .describe(
        'How many of those are sent again. The others were on their way again already, were left out by the endpoint’s filter, are not kept any more, or their endpoint was removed.',
      ),
    requestedBy: z.string(),
    reason: z.string(),
    requestedAt: fields.instant,
    endedAt: fields.instant.nullable(),
    lastError: z.string().nullable(),
    run: z.string().nullable().describe('The workflow id of its run. Null for a tenant.'),
  })
  .meta({ id: 'Replay' });

const params = z.strictObject({ replay: fields.text(100) });
const why = { reason: fields.reason, by: fields.by, via: z.enum(['api', 'cli']).default('api').describe('api or cli') };

const wanted = z.strictObject({
  ...{ reason: fields.reason, by: fields.by },
  missing: z
    .boolean()
    .default(false)
    .describe('true or false')
    .meta({ title: 'What the endpoint would get now and has no delivery of, instead of deliveries that have ended.' }),
  states: fields.optional(
    z
      .array(z.enum(endedDeliveryStates))
      .min(1)
      .max(endedDeliveryStates.length)
      .describe(`a list of ${endedDeliveryStates.join(', ')}`)
      .meta({ title: 'Default: exhausted and refused.' }),
  ),
  endpoint: fields.optional(fields.text(100)),
  type: fields.optional(fields.webhookType),
  since: fields.optional(fields.instantGiven),
  until: fields.optional(fields.instantGiven),
  dryRun: z.boolean().default(false).describe('true or false'),
});

type Deps = Pick<
  ApiDeps,
  'database' | 'installation' | 'lookAtRun' | 'askReplay' | 'wakeReplays' | 'commandRun' | 'endRun' | 'log'
>;

/** Sending many outbound webhooks again. */
export function addReplayRoutes(api: Api, deps: Deps): void {
  const { database, installation, log } = deps;
  const looking = () => ({ database, installation: installation.id, lookAtRun: deps.lookAtRun });
  addRoute(api, {
    method: 'post',
    path: '/replays',
    scope: 'operate',
    tenant: true,
    summary: 'Send many webhooks again, as a run that shows its progress and can be paused',
    description:
      'By default, deliveries that were exhausted or refused. `since` and `until` are about when the webhook was emitted. One of `since` and `endpoint` is needed, and `endpoint` for what is missing: that counts from when the endpoint was created, unless `since` says otherwise. A tenant can have one replay under way. Every webhook keeps its `webhook-id`. The oldest go first, and each endpoint’s rate, concurrency and order hold.',
    body: wanted,
    answer: z
      .object({
        id: z.string().nullable().describe('Null: nothing is sent again, because it was a dry run or nothing matches.'),
        total: z.int(),
        groups: z
          .array(z.object({ endpoint: z.string(), type: z.string(), count: z.int() }))
          .describe('The 50 largest.'),
        run: z.string().nullable().describe('The workflow id of its run. Null for a tenant.'),
      })
      .meta({ id: 'AskedReplay' }),
    async handle({ body: { reason, by, dryRun, ...body }, caller }) {
      const what = whatOf(body);
      const actor = cutText(actorOf(caller, by), 200);
      const asked = await deps.askReplay({ what, tenant: caller.tenant, actor, reason, dryRun, at: new Date() });
      if (asked.kind === 'unknown-endpoint') throw notFound('There is no such endpoint.');
      if (asked.kind === 'under-way') {
        throw new ApiProblem(409, 'under-way', `The replay ${asked.id} has not ended. Wait for it, or cancel it.`);
      }
      const { id, total, groups } = asked;
      if (id !== null) {
        log.warn({ replay: id, total, by: actor }, 'webhooks to be sent again');
        deps.wakeReplays();
      }
      const run = id === null || caller.tenant !== null ? null : replayRunId(installation.id, id);
      return { id, total, groups: groups.slice(0, 50), run };
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/replays',
    scope: 'read',
    tenant: true,
    summary: 'What was sent again, newest first',
    query: fields.pageQuery({}),
    answer: fields.pageOf(replay),
    handle: ({ query, caller: { tenant } }) =>
      readPage(
        installation,
        { list: 'replays', query: { ...query, ...(tenant !== null && { tenant }) } },
        async (page) => (await listReplays(looking(), { ...page, tenant })).map(flat),
      ),
  });
  addRoute(api, {
    method: 'get',
    path: '/replays/{replay}',
    scope: 'read',
    tenant: true,
    summary: 'How far a replay is',
    params,
    answer: replay,
    handle: async ({ params, caller }) => flat(await known(params.replay, caller.tenant)),
  });
  for (const [verb, summary] of [
    ['pause', 'Send nothing more for now; a batch under way is finished'],
    ['resume', 'Go on'],
    ['cancel', 'Send nothing more; what was sent again stays so'],
  ] as const) {
    addRoute(api, {
      method: 'post',
      path: `/replays/{replay}/${verb}`,
      scope: 'operate',
      tenant: true,
      summary,
      params,
      body: z.strictObject(why),
      answer: replay,
      async handle({ params: { replay: id }, body: { reason, by, via }, caller, request }) {
        const found = await known(id, caller.tenant);
        if (found.endedAt !== null) throw new ApiProblem(409, 'ended', `The replay has ended: ${found.state}.`);
        const address = readAddress(request.raw.socket.remoteAddress ?? '');
        const commander = { by: cutText(actorOf(caller, by), 200), reason, via, address };
        const run = replayRunId(installation.id, id);
        if (found.state === 'pending') {
          const how = { actor: commander.by, reason, at: new Date() };
          if (verb !== 'cancel' || !(await cancelPending(database, id, how))) throw notStarted();
        } else if (verb === 'cancel') {
          const outcome = await deps.endRun(run, 'cancel', commander);
          if (outcome.kind !== 'refused') requireDone(outcome, { run, log });
          await markCanceled(database, id, new Date());
        } else {
          requireDone(await deps.commandRun(run, { verb }, commander), { run, log });
        }
        return flat(await known(id, caller.tenant));
      },
    });
  }

  async function known(id: string, tenant: string | null) {
    const found = await findReplay(looking(), id, tenant);
    if (found === undefined) throw notFound('There is no such replay.');
    return found;
  }
}

function whatOf(body: Omit<z.output<typeof wanted>, 'reason' | 'by' | 'dryRun'>): ReplayedWhat {
  const { missing, states, endpoint = null, type = null, since = null, until = null } = body;
  if (missing && endpoint === null) throw invalid('endpoint', 'is needed for what is missing');
  if (missing && states !== undefined) throw invalid('states', 'is not for what is missing: that has no deliveries');
  if (endpoint === null && since === null) throw invalid('since', 'or endpoint is needed');
  return { missing, states: [...new Set(states ?? (['exhausted', 'refused'] as const))], endpoint, type, since, until };
}

function invalid(field: string, what: string): ApiProblem {
  const detail = `${field} ${what}.`;
  return new ApiProblem(400, 'invalid-request', detail, { errors: [{ detail, pointer: `#/${field}` }] });
}

function notStarted(): ApiProblem {
  const headers = { 'retry-after': '2' };
  return new ApiProblem(409, 'not-started', 'The replay starts within seconds. Try again then.', { headers });
}

function flat<Found extends { what: ReplayedWhat }>({ what, ...found }: Found): Omit<Found, 'what'> & ReplayedWhat {
  return { ...found, ...what };
}
