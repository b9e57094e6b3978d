import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createCatalogue } from '../../../activities/catalogue.ts';
import { composeDispatch } from '../../../cli/compose/compose-dispatch.ts';
import type { TemporalAccess } from '../../../cli/compose/temporal-access.ts';
import type { RunInput } from '../../../language/definition.ts';
import type { LoadedDefinition } from '../../../server/load-definitions.ts';
import { createMetrics } from '../../../server/metrics.ts';
import { presetWith } from '../../server/gateway/gateways.ts';
import { sampleInstallation } from '../../server/sample-installation.ts';
import { noHistory } from '../../server/no-history.ts';
import { sampleEvent } from '../../server/sample-event.ts';
import { sourceOf } from '../../server/source-of.ts';
import { noTurns } from '../../server/no-turns.ts';

const order: LoadedDefinition = {
  ...{ hash: 'h', file: 'order.json', children: {} },
  definition: {
    name: 'order',
    on: { event: 'payment.succeeded', if: { '>': [{ var: 'event.payment.amount' }, 0] } },
    steps: [],
  },
};

/** Dispatches with one mounted source, `stripe`. Temporal takes every start. */
function setUp({ test = false, confirm = false } = {}) {
  const started: RunInput[] = [];
  const client = {
    workflow: {
      start: (_name: string, { args }: { args: [RunInput] }) => {
        started.push(args[0]);
        return Promise.resolve({});
      },
    },
    activity: {},
  };
  const source = sourceOf('stripe', presetWith({}), { test, confirm });
  const dispatch = composeDispatch({
    installation: sampleInstallation(),
    temporal: { client, eager: false } as unknown as TemporalAccess, // No more of it is used.
    sources: {
      find: (name) => (name === 'stripe' ? source : undefined),
      awaitedFor: (name) => (name === 'faulty' ? 'sources.json (faulty)' : null),
    },
    served: { definitions: [order], awaited: [], activities: { catalogue: createCatalogue() } },
    metrics: createMetrics(() => Promise.resolve(0)),
    correlate: () => Promise.resolve(0),
    turns: noTurns,
    log: pino({ level: 'silent' }),
  });
  return { dispatch, started };
}

it('starts nothing for a test event, however it came to be pending', async () => {
  const { dispatch, started } = setUp();
  const outcome = await dispatch(sampleEvent({ live: false }), noHistory);
  expect(outcome).toEqual({ kind: 'done', runs: [], duplicates: 0, ignored: 'test event' });
  expect(started).toEqual([]);
});

it.each([
  ['a test event of a source that wants them', false, true],
  ['a live event', true, false],
  ['an event of a gateway that does not say', null, false],
])('starts a run for %s', async (_which, live, test) => {
  const { dispatch, started } = setUp({ test });
  expect(await dispatch(sampleEvent({ live }), noHistory)).toMatchObject({
    kind: 'done',
    runs: [{ definition: 'order' }],
  });
  expect(started).toHaveLength(1);
});

it('refuses an event whose source is gone, because nobody can say whether its run must ask the gateway first', async () => {
  const { dispatch, started } = setUp();
  expect(await dispatch(sampleEvent({ source: 'gone' }), noHistory)).toEqual({
    kind: 'refused',
    runs: [],
    certain: true,
    reason: 'There is no source "gone" any more. Add it to sources.json again, then replay the event',
  });
  expect(started).toEqual([]);
});

it('lets an event wait whose source cannot be mounted because of a mistake', async () => {
  const { dispatch, started } = setUp();
  expect(await dispatch(sampleEvent({ source: 'faulty' }), noHistory)).toMatchObject({
    kind: 'waiting',
    waitsFor: ['sources.json (faulty)'],
  });
  expect(started).toEqual([]);
});

it('says why no run is started', async () => {
  const { dispatch } = setUp();
  const { payment } = sampleEvent();
  expect(await dispatch(sampleEvent({ type: 'payment.failed' }), noHistory)).toMatchObject({
    ignored: 'no definition reacts to its type',
  });
  expect(await dispatch(sampleEvent({ payment: { ...payment!, amount: 0 } }), noHistory)).toMatchObject({
    ignored: 'no trigger matches it',
  });
});
