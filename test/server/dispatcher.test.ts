import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { ClaimedEvent } from '../../server/backlog.ts';
import type { DispatchOutcome } from '../../server/dispatch-event.ts';
import { createDispatcher } from '../../server/dispatcher.ts';
import { sampleEvent } from './sample-event.ts';

const log = pino({ level: 'silent' });

/** A dispatcher on an inbox in memory. The test provides `dispatch`. */
function setUp(options: {
  waiting?: string[];
  concurrency?: number;
  dispatch: (id: string) => Promise<DispatchOutcome>;
  /** Delays recording an event's outcome. */
  recorded?: Promise<void>;
}) {
  const waiting = (options.waiting ?? []).map((id, index) => claimed(index + 1, id));
  const finished: string[] = [];
  const givenBack: string[] = [];
  const claims: number[] = [];
  const dispatcher = createDispatcher({
    backlog: {
      claim: (count) => {
        claims.push(count);
        return Promise.resolve(waiting.splice(0, count));
      },
      finish: async ({ event }, outcome) => {
        await options.recorded;
        finished.push(`${event.id} ${outcome.kind}`);
      },
      giveBack: (events) => {
        givenBack.push(...events.map(({ event }) => event.id));
        return Promise.resolve();
      },
      size: () => Promise.resolve(waiting.length),
    },
    dispatch: (event) => options.dispatch(event.id),
    concurrency: options.concurrency ?? 2,
    pollMs: 10,
    log,
  });
  return { dispatcher, finished, givenBack, waiting, claims };
}

function claimed(rowId: number, id: string): ClaimedEvent {
  return { rowId, event: sampleEvent({ id }) };
}

const done: DispatchOutcome = { kind: 'done', runs: [], duplicates: 0 };

it('dispatches an event as soon as it is accepted, without polling', async () => {
  const { dispatcher, finished, claims } = setUp({ dispatch: () => Promise.resolve(done) });
  dispatcher.accept(1, sampleEvent({ id: 'a' }));
  await expect.poll(() => finished).toEqual(['a done']);
  expect(claims).toEqual([]);
});

it('never has more events with Temporal than its concurrency', async () => {
  let current = 0;
  let most = 0;
  const { dispatcher, finished } = setUp({
    concurrency: 3,
    dispatch: async () => {
      most = Math.max(most, ++current);
      await new Promise((resolve) => setImmediate(resolve));
      current--;
      return done;
    },
  });
  for (let index = 0; index < 20; index++) dispatcher.accept(index, sampleEvent({ id: String(index) }));
  await expect.poll(() => finished).toHaveLength(20);
  expect(most).toBe(3);
});

it('hands the next events to Temporal while the previous ones are being recorded, so that records form groups', async () => {
  const dispatched: string[] = [];
  const { dispatcher } = setUp({
    concurrency: 1,
    recorded: new Promise(() => undefined),
    dispatch: (id) => {
      dispatched.push(id);
      return Promise.resolve(done);
    },
  });
  for (const id of ['a', 'b', 'c']) dispatcher.accept(1, sampleEvent({ id }));
  await expect.poll(() => dispatched).toEqual(['a', 'b', 'c']);
});

it('has no room and claims nothing while a thousand events wait to be recorded', async () => {
  let dispatched = 0;
  const { dispatcher, claims } = setUp({
    recorded: new Promise(() => undefined),
    dispatch: () => {
      dispatched++;
      return Promise.resolve(done);
    },
  });
  for (let index = 0; index < 1_000; index++) dispatcher.accept(index, sampleEvent());
  await expect.poll(() => dispatched).toBe(1_000);
  expect(dispatcher.hasRoom()).toBe(false);
  dispatcher.wake();
  expect(claims).toEqual([]);
});

it('has recorded every dispatched event when it has stopped', async () => {
  let release: () => void = () => undefined;
  const recorded = new Promise<void>((resolve) => (release = resolve));
  const { dispatcher, finished } = setUp({ recorded, dispatch: () => Promise.resolve(done) });
  dispatcher.accept(1, sampleEvent({ id: 'a' }));
  setImmediate(release);
  await dispatcher.stop();
  expect(finished).toEqual(['a done']);
});

it('finds events that an earlier process left behind by polling, in order of arrival', async () => {
  const order: string[] = [];
  const { dispatcher, finished } = setUp({
    waiting: ['a', 'b', 'c'],
    concurrency: 1,
    dispatch: (id) => {
      order.push(id);
      return Promise.resolve(done);
    },
  });
  dispatcher.start();
  await expect.poll(() => finished).toHaveLength(3);
  await dispatcher.stop();
  expect(order).toEqual(['a', 'b', 'c']);
});

it('gives everything back and pauses while Temporal is unavailable, then continues', async () => {
  let away = true;
  const { dispatcher, finished, givenBack, waiting } = setUp({
    concurrency: 1,
    dispatch: () => Promise.resolve(away ? { kind: 'outage', reason: 'connection refused' } : done),
  });
  dispatcher.start();
  dispatcher.accept(1, sampleEvent({ id: 'a' }));
  dispatcher.accept(2, sampleEvent({ id: 'b' }));
  await expect.poll(() => givenBack).toEqual(['a', 'b']);
  expect(dispatcher.hasRoom()).toBe(false);
  away = false;
  waiting.push(claimed(1, 'a'), claimed(2, 'b'));
  await expect.poll(() => finished).toEqual(['a done', 'b done']);
  await dispatcher.stop();
});

it('survives a dispatch that throws, and dispatches the event again after its claim has expired', async () => {
  const dispatched: string[] = [];
  const { dispatcher, finished, waiting } = setUp({
    dispatch: (id) => {
      dispatched.push(id);
      return dispatched.length === 1 ? Promise.reject(new Error('bug')) : Promise.resolve(done);
    },
  });
  dispatcher.accept(1, sampleEvent({ id: 'a' }));
  dispatcher.accept(2, sampleEvent({ id: 'b' }));
  await expect.poll(() => finished).toEqual(['b done']);
  waiting.push(claimed(1, 'a')); // The inbox offers an event again when its claim has run out.
  dispatcher.wake();
  await expect.poll(() => finished).toEqual(['b done', 'a done']);
  expect(dispatched).toEqual(['a', 'b', 'a']);
});

it('finishes the events under way when it stops, and gives the rest back', async () => {
  let release: () => void = () => undefined;
  const { dispatcher, finished, givenBack } = setUp({
    concurrency: 1,
    dispatch: () =>
      new Promise((resolve) => {
        release = () => {
          resolve(done);
        };
      }),
  });
  dispatcher.accept(1, sampleEvent({ id: 'a' }));
  dispatcher.accept(2, sampleEvent({ id: 'b' }));
  const stopping = dispatcher.stop();
  release();
  await stopping;
  expect(finished).toEqual(['a done']);
  expect(givenBack).toEqual(['b']);
});

it('has no room once a thousand events wait in memory', () => {
  const { dispatcher } = setUp({ concurrency: 1, dispatch: () => new Promise(() => undefined) });
  for (let index = 0; index < 1_001; index++) dispatcher.accept(index, sampleEvent());
  expect(dispatcher.hasRoom()).toBe(false);
});
