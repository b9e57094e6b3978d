import { z } from 'zod';
import { listedStates } from '../../../language/run-standing.ts';
import { listStandingRuns, needsStanding } from '../../search/runs-in-state.ts';
import { findFullRun } from '../../runs/run-details.ts';
import { runDetailsShape, shownValue } from '../../runs/run-details-schema.ts';
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

const call = z
  .object({
    key: z.string().describe('The key of the step.'),
    activity: z.string(),
    attempt: z.int(),
    mostAttempts: z.int().nullable(),
    startedAt: fields.instant.nullable(),
    nextAttemptAt: fields.instant.nullable().describe('Null: an attempt is under way.'),
    lastFailure: z.string().nullable(),
  })
  .meta({ id: 'PendingCall' });

const fullRun = run
  .omit({ state: true, step: true, why: true, retriedAs: true })
  .extend({
    temporal: z
      .enum(['known', 'gone', 'unreachable'])
      .describe('`gone`: Temporal does not know the run any more. `unreachable`: it does not answer.'),
    missing: z.string().nullable().describe('Why `details` is null.'),
    closedAt: fields.instant.nullable(),
    historyLength: z.int().describe("Events in Temporal's history."),
    parent: z.string().nullable().describe('The run that this one descends from, if it is a child run.'),
    calls: z
      .array(call)
      .describe('Activities under way or between two attempts, at most fifty. Those on the database are not told.'),
    details: z.object(runDetailsShape).nullable().describe('What the run tells about itself.'),
    result: shownValue.nullable().describe('The output of a run that has completed.'),
    failure: z
      .object({ type: z.string(), message: z.string() })
      .nullable()
      .describe('Why a run failed, or how else it ended.'),
    deliveries: z
      .array(
        z.object({
          id: z.string(),
          messageId: z.string(),
          type: z.string(),
          url: z.string(),
          state: z.enum(fields.deliveryStates),
          attempts: z.int(),
          lastStatus: z.int().nullable(),
          lastError: z.string().nullable(),
          createdAt: fields.instant,
          step: z.string().describe('The key of the step that emitted it.'),
        }),
      )
      .describe('Those of the run and of the runs that it goes on from, newest first, at most fifty.'),
    approvals: z.array(
      z.object({
        step: z.string(),
        question: z.string(),
        state: z.enum(['open', 'approved', 'rejected', 'timed-out', 'ended']),
        openedAt: fields.instant,
        until: fields.instant,
      }),
    ),
    audit: z.array(
      z.object({
        at: fields.instant,
        actor: z.string(),
        action: z.string(),
        step: z.string().nullable(),
        reason: z.string(),
        via: z.enum(['api', 'cli', 'temporal']).nullable(),
      }),
    ),
    retries: z
      .array(
        z.object({
          run: z.string(),
          of: z.string(),
          state: z.enum(['pending', 'started', 'refused']),
          requestedAt: fields.instant,
          detail: z.string().nullable(),
        }),
      )
      .describe('All runs of the family that go on from each other, in order.'),
    webUi: z.string().nullable().describe("The run's page in Temporal's Web UI, if its address is known."),
  })
  .meta({ id: 'FullRun' });

type Deps = Pick<
  ApiDeps,
  'database' | 'installation' | 'lookAtRun' | 'queryRuns' | 'showsState' | 'readRun' | 'webUiOf'
>;

export function addRunRoutes(api: Api, deps: Deps): void {
  const { database, installation } = deps;
  addRoute(api, {
    method: 'get',
    path: '/runs',
    scope: 'read',
    summary: 'The runs, newest first',
    description:
      'With `state` or `step`, child runs are listed as well, unless an order or the like is named. Of those that have ended, only the detached ones are: the end of another is its parent’s, too. A page may then have fewer runs than `limit`, although there are more: go on until `next` is null.',
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
    summary: 'Everything about a run',
    description:
      'What the run tells about itself, what Temporal knows, and what Kait has stored. If a worker or Temporal does not answer, the rest is told all the same.',
    params: fields.runParams,
    answer: fullRun,
    async handle({ params }) {
      const found = await findFullRun(database, params.run, deps.readRun);
      if (found === undefined) throw notFound('There is no such run.');
      return { ...found, webUi: deps.webUiOf(found.workflowId) };
    },
  });
}

function notShown(): ApiProblem {
  const detail =
    'Temporal does not say what runs wait for: its namespace lacks KaitState and KaitStep, or was not reached yet. "kait status --json" says what creates them.';
  return new ApiProblem(409, 'state-not-shown', detail);
}
