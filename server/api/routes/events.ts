import { z } from 'zod';
import { listEvents } from '../../records.ts';
import { replayEvent } from '../../replay-event.ts';
import { explainEvent } from '../../explain-event.ts';
import { describeReading } from '../../reread/describe-reading.ts';
import { runAgain } from '../../run-again.ts';
import { recordReveal } from '../../record-reveal.ts';
import { showEvent } from '../../show-event.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { factQuery, factsOfQuery } from '../fact-query.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf, isAllowed } from '../scopes.ts';

const listed = z
  .object({
    source: z.string(),
    eventId: z.string(),
    type: z.string(),
    entity: z.string().nullable(),
    orderId: z.string().nullable().describe("The merchant's reference."),
    currency: z.string().nullable(),
    amount: z.int().nullable().describe('Minor units.'),
    state: fields.eventState,
    duplicates: z.int().describe('How often the gateway sent it again.'),
    receivedAt: fields.instant,
    lastError: z.string().nullable(),
  })
  .meta({ id: 'ListedEvent' });

const shownBody = z.object({
  contentType: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  items: z.int().nullable(),
  item: z.int(),
  numbersAsText: z.array(z.string()),
  hidden: z.string().nullable().describe('Why `data` is not shown.'),
  raw: z.string().nullable(),
});

const shown = z
  .object({
    ...listed.shape,
    rereadAs: z.string().nullable().describe('The id under which it was stored again.'),
    hasDetails: z.boolean().describe('False: its details are no longer kept.'),
    envelope: z.unknown().describe('The canonical event without `data`: see `event.schema.json`.'),
    runs: z.array(z.object({ workflowId: z.string(), startedAt: fields.instant.nullable(), inDoubt: z.boolean() })),
    audit: z.array(
      z.object({
        at: fields.instant,
        actor: z.string(),
        action: z.string(),
        target: z.string(),
        reason: z.string(),
      }),
    ),
    handovers: z.array(
      z.object({ workflowId: z.string(), state: z.string(), step: z.string().nullable(), at: fields.instant }),
    ),
    turns: z.array(
      z.object({
        workflowId: z.string(),
        key: z.string().nullable(),
        state: z.string(),
        because: z.string().nullable(),
        at: fields.instant,
      }),
    ),
    data: z.unknown().describe('What the gateway sent, without what the preset redacts.'),
    body: shownBody.nullable(),
  })
  .meta({ id: 'Event' });

const explained = z
  .object({
    verification: z
      .object({
        mode: z.enum(['all', 'any']),
        schemes: z.array(z.unknown()).describe('As the preset declares them: see `gateway.schema.json`.'),
      })
      .nullable()
      .describe('How requests of its gateway are verified. Null: Kait has made the event, or the preset is gone.'),
    origins: z
      .array(
        z.object({
          field: z.string().describe('A JSON pointer into the canonical event: `/payment/amount`.'),
          from: z.array(z.string()).describe('The selectors of the preset that gave it.'),
          data: z.array(z.string()).describe('JSON pointers into `data`, of those that are in there.'),
        }),
      )
      .describe('What its fields are read from. Empty: what the gateway sent is no longer kept.'),
    triggers: z.array(
      z.object({
        definition: z.string(),
        triggered: z.boolean(),
        by: z.enum(['run', 'type', 'source', 'definition', 'if']).describe('Which part of its trigger decided that.'),
        because: z.string().nullable().describe('The condition of its trigger with the values that it saw.'),
        error: z.string().optional().describe('Why the condition could not be evaluated.'),
      }),
    ),
  })
  .meta({ id: 'EventExplanation' });

const replayed = z.object({
  replayed: z.boolean(),
  why: z
    .enum(['unknown', 'unreadable', 'under-way', 'stored-again', 'no-body', 'has-runs'])
    .nullable()
    .describe('Why not.'),
  runs: z.array(z.string()),
  inDoubt: z.array(z.string()),
  offeredTo: z.array(z.string()),
});

const ranAgain = z.object({
  refused: z.enum(['unknown', 'unreadable', 'under-way', 'stored-again', 'no-body', 'no-run', 'not-served']).nullable(),
  runs: z.array(z.string()),
  notServed: z.array(z.string()),
});

const told = z.object({
  id: z.string(),
  type: z.string(),
  nativeType: z.string(),
  entity: z.string().nullable(),
  live: z.boolean().nullish(),
  amounts: z.array(z.string()),
  state: z.string(),
  reason: z.string().nullable(),
});
const reading = z
  .object({
    source: z.string(),
    eventId: z.string(),
    receivedAt: fields.instant,
    change: z.enum(['start', 'update', 'none', 'keep']),
    why: z.string().nullable(),
    before: told.nullable(),
    after: told.nullable(),
  })
  .meta({ id: 'Reading' });
const rereadChunk = z
  .object({
    looked: z.int(),
    readings: z.array(reading),
    next: z.int().nullable().describe("The next chunk's `after`."),
    upTo: z.int(),
  })
  .meta({ id: 'RereadChunk' });

const { eventStates, optional } = fields;

export function addEventRoutes(
  api: Api,
  deps: Pick<ApiDeps, 'database' | 'installation' | 'served' | 'presets' | 'reread' | 'wakeDispatcher' | 'log'>,
): void {
  const { database, installation, log } = deps;
  addRoute(api, {
    method: 'get',
    path: '/events',
    scope: 'read',
    summary: 'The received events, newest first',
    query: fields.pageQuery({
      state: optional(fields.eventState),
      source: optional(fields.sourceName),
      ...factQuery,
    }),
    answer: fields.pageOf(listed),
    handle: ({ query }) =>
      readPage(installation, { list: 'events', query }, (page) =>
        listEvents(database, { ...page, ...factsOfQuery(query), state: query.state, source: query.source }),
      ),
  });
  addRoute(api, {
    method: 'get',
    path: '/events/{source}/{event}',
    scope: 'read',
    summary: 'An event, what became of it, and what the gateway sent',
    params: fields.eventParams,
    query: z.strictObject({
      raw: fields.flag.describe('true or false').meta({
        title: 'Also the first bytes of a body that cannot be read. Needs the scope `operate`.',
      }),
    }),
    answer: shown,
    async handle({ params, query: { raw }, caller }) {
      const key = { source: params.source, eventId: params.event };
      if (raw && !isAllowed(caller, 'operate')) {
        const detail = `Bytes that nothing is redacted from need a key with the scope operate, but "${caller.name}" has ${caller.scope}.`;
        throw new ApiProblem(403, 'missing-scope', detail);
      }
      const found = await showEvent(deps, key, { raw });
      if (found === null) throw notFound('There is no such event.');
      if (raw) {
        await recordReveal(deps.database, { ...params, actor: caller.name, what: 'the first bytes of the body' });
        log.info({ ...key, actor: caller.name }, 'the first bytes of a body are shown unredacted');
      }
      return found;
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/events/{source}/{event}/explanation',
    scope: 'read',
    summary: 'Why an event is believed, what its fields were read from, and which definitions it triggers',
    description:
      'By the presets and the definitions that are served now, which may have changed since the event arrived.',
    params: fields.eventParams,
    answer: explained,
    async handle({ params }) {
      const found = await explainEvent(deps, { source: params.source, eventId: params.event }, Date.now());
      if (found === null) throw notFound('There is no such event.');
      return found;
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/events/{source}/{event}/replay',
    scope: 'operate',
    summary: 'Offer an event to the definitions again',
    description: 'Only definitions start a run that have none for it.',
    params: fields.eventParams,
    answer: replayed,
    async handle({ params }) {
      const answer = await replayEvent(deps, { source: params.source, eventId: params.event });
      deps.wakeDispatcher();
      return answer;
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/events/{source}/{event}/run-again',
    scope: 'operate',
    summary: 'Run an event again although it has a run, with all of its effects',
    params: fields.eventParams,
    body: z.strictObject({ reason: fields.reason, by: fields.by, definition: optional(fields.definitionName) }),
    answer: ranAgain,
    async handle({ params, body: { reason, by, definition }, caller }) {
      const actor = actorOf(caller, by);
      const answer = await runAgain(
        { ...deps, installation: installation.id },
        { source: params.source, eventId: params.event, reason, actor, definition },
      );
      const what = { source: params.source, event: params.event, runs: answer.runs };
      if (answer.refused === null) log.warn({ ...what, actor, reason }, 'event runs again');
      deps.wakeDispatcher();
      return answer;
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/events/reread',
    scope: 'operate',
    summary: 'Read stored bodies again, after a preset was fixed',
    body: z.strictObject({
      source: optional(fields.sourceName),
      eventId: optional(fields.eventId),
      since: optional(fields.instantGiven),
      until: optional(fields.instantGiven),
      states: optional(
        z
          .array(fields.eventState)
          .min(1)
          .max(eventStates.length)
          .describe(`a list of ${eventStates.join(', ')}`),
      ),
      after: fields.rowNumber.default(0).describe('a whole number'),
      upTo: optional(fields.rowNumber),
      apply: z.boolean().describe('true or false'),
    }),
    answer: rereadChunk,
    async handle({ body }) {
      const { readings, ...chunk } = await deps.reread(body);
      if (body.apply) deps.wakeDispatcher();
      return { ...chunk, readings: readings.map(describeReading) };
    },
  });
}
