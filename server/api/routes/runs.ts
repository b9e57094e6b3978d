import { z } from 'zod';
import { listedStates } from '../../../language/run-standing.ts';
import { findRun } from '../../search/list-runs.ts';
import { listStandingRuns, needsStanding, withStanding } from '../../search/runs-in-state.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readOwnPage } from '../cursors.ts';
import { factQuery, factsOfQuery } from '../fact-query.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';

const run = z
  .object({
    workflowId: z.string(),
    definition: z.string(),
    definitionHash: z.string().nullable().describe('Null of a child run.'),
    source: z.string(),
    eventId: z.string(),
    eventType: z.string(),
    entity: z.string().nullable(),
    orderId: z.string().nullable().describe("The merchant's reference."),
    currency: z.string().nullable(),
    amount: z.int().nullable().describe('Minor units.'),
    startedAt: fields.instant,
    parent: z.string().nullable().describe('The run of which this one is a step.'),
    status: z.string().describe("Temporal's word: `RUNNING`, `FAILED`. `Unknown`: Temporal did not say."),
    state: z
      .enum([...listedStates, 'unknown'])
      .describe('`running`: it just works. `retried`: it has failed, and another run goes on from it.'),
    step: z.string().nullable().describe('The key of the step that it waits at, is parked at, or has failed at.'),
    why: z.string().nullable().describe('Why it has failed or was terminated, in one short line.'),
    retriedAs: z.string().nullable().describe('The run that goes on from it.'),
  })
  .meta({ id: 'Run' });

const state = z.enum(listedStates).describe(`one of ${listedStates.join(', ')}`);
/** It becomes part of a query to Temporal, so it must have no quotes. */
const step = z
  .string()
  .max(256)
  .regex(/^[\w.~/-]+$/)
  .describe('the id of a step, or its key in a loop');

type Deps = Pick<ApiDeps, 'database' | 'installation' | 'lookAtRun' | 'queryRuns' | 'showsState'>;

export function addRunRoutes(api: Api, deps: Deps): void {
  const { database, installation } = deps;
  addRoute(api, {
    method: 'get',
    path: '/runs',
    scope: 'read',
    summary: 'The runs, newest first',
    description:
      'With `state` or `step`, child runs are listed as well, unless an order or the like is named. A page may then have fewer runs than `limit`, although there are more: go on until `next` is null.',
    query: fields.pageQuery({
      definition: fields.optional(fields.definitionName),
      source: fields.optional(fields.sourceName),
      since: fields.optional(fields.instantGiven),
      state: fields.optional(state),
      step: fields.optional(step),
      ...factQuery,
    }),
    answer: fields.pageOf(run),
    problems: [409],
    handle({ query }) {
      if (needsStanding(query) && !deps.showsState()) throw notShown();
      return readOwnPage(installation, { list: 'runs', query }, (page) => {
        const { definition, source, since, state, step } = query;
        return listStandingRuns(deps, { ...page, ...factsOfQuery(query), definition, source, since, state, step });
      });
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/runs/{run}',
    scope: 'read',
    summary: 'A run',
    params: fields.runParams,
    answer: run,
    async handle({ params }) {
      const row = await findRun(database, params.run);
      const [found] = row === undefined ? [] : await withStanding(deps, [row]);
      if (found === undefined) throw notFound('There is no such run.');
      return found;
    },
  });
}

function notShown(): ApiProblem {
  const detail =
    'Temporal does not say what runs wait for: its namespace lacks KaitState and KaitStep, or was not reached yet. "kait status --json" says what creates them.';
  return new ApiProblem(409, 'state-not-shown', detail);
}
