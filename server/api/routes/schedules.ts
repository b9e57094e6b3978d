import { z } from 'zod';
import { listSchedules, type ManageSchedulesDeps, runNow, setPaused } from '../../schedules/manage-schedules.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf } from '../scopes.ts';
import { started } from './definitions.ts';

const listed = z
  .object({
    definition: z.string(),
    schedule: z.array(z.string()),
    timezone: z.string(),
    catchUp: z.string(),
    next: z.array(fields.instant).describe('The next five times.'),
    paused: z.boolean().nullable().describe('Null: Temporal does not say.'),
    note: z.string().nullable(),
    lastFor: fields.instant.nullable().describe('The time for which it has started a run last.'),
  })
  .meta({ id: 'Schedule' });

const params = z.strictObject({ definition: fields.definitionName });
const body = z.strictObject({ reason: fields.reason, by: fields.by });

export function addScheduleRoutes(
  api: Api,
  deps: Pick<ApiDeps, 'database' | 'installation' | 'served' | 'wakeDispatcher' | 'schedules'>,
): void {
  const managed = (): ManageSchedulesDeps => ({
    ...{ database: deps.database, installation: deps.installation.id, served: deps.served },
    ...{ schedules: deps.schedules, now: () => new Date(), wake: deps.wakeDispatcher },
  });
  addRoute(api, {
    method: 'get',
    path: '/schedules',
    scope: 'read',
    summary: 'The schedules of the definitions',
    answer: z.object({ items: z.array(listed), next: fields.nextCursor }),
    async handle() {
      const items = await listSchedules(managed());
      return { items: items.map(({ name: definition, ...rest }) => ({ definition, ...rest })), next: null };
    },
  });
  for (const [verb, paused, summary] of [
    ['pause', true, 'Start no more runs by a schedule'],
    ['resume', false, 'Let a schedule start runs again'],
  ] as const) {
    addRoute(api, {
      method: 'post',
      path: `/schedules/{definition}/${verb}`,
      scope: 'operate',
      summary,
      params,
      body,
      answer: z.object({ paused: z.boolean() }),
      problems: [404, 503],
      async handle({ params: { definition }, body: { reason, by }, caller }) {
        const wish = { definition, reason, actor: actorOf(caller, by) };
        const found = await setPaused(managed(), paused, wish).catch((error: unknown) => {
          const detail = `Temporal did not do it: ${error instanceof Error ? error.message : String(error)}`;
          throw new ApiProblem(503, 'temporal-unavailable', detail);
        });
        if (!found) throw noSchedule(definition);
        return { paused };
      },
    });
  }
  addRoute(api, {
    method: 'post',
    path: '/schedules/{definition}/runs',
    scope: 'operate',
    summary: 'Start a run of a scheduled definition now',
    params,
    body,
    answer: started.omit({ repeated: true }),
    status: 202,
    problems: [404],
    async handle({ params: { definition }, body: { reason, by }, caller }) {
      const run = await runNow(managed(), { definition, reason, actor: actorOf(caller, by) });
      if (run === undefined) throw noSchedule(definition);
      return { source: run.source, eventId: run.eventId, run: run.workflowId };
    },
  });
}

function noSchedule(definition: string): ApiProblem {
  return notFound(`No definition "${definition}" with a schedule is served.`);
}
