import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import type { Json } from '../../language/json.ts';
import type { Backlog } from '../../server/backlog.ts';
import type { DispatchOutcome, EventHistory } from '../../server/dispatch-event.ts';
import { createDispatcher } from '../../server/dispatcher.ts';
import type { ClaimedEvent } from '../../server/read-claimed.ts';
import { sampleEvent } from './sample-event.ts';

const log = pino({ level: 'silent' });

/** A dispatcher on an inbox in memory. The test provides `dispatch`. */
function setUp(options: {
  waiting?: string[];
  concurrency?: number;
  dispatch: (id: string, history: EventHistory) => Promise<DispatchOutcome>;
  /** Delays a claim. */
  claimable?: Promise<void>;
  /** Delays recording an event's outcome. */
  recorded?: Promise<void>;
  suspend?: () => Promise<void>;
  begin?: () => Promise<void>;
}) {
  const waiting = (options.waiting ?? []).map((id, index) => claimed(index + 1, id));
  const finished: string[] = [];
  const recordedData: Json[] = [];
  const givenBack: string[] = [];
  const suspended: string[] = [];
  const begun: string[] = [];
  const claims: { count: number; spread?: boolean }[] = [];
  const dispatcher = createDispatcher({
    backlog: {
      claim: async (wanted) => {
        claims.push(wanted);
        await options.claimable;
        const events = waiting.splice(0, wanted.count);
        return { events, more: events.length === wanted.count };
      },
      suspend: ({ event }, { reason }) => {
        suspended.push(`${event.id}: ${reason}`);
        return options.suspend?.() ?? Promise.resolve();
      },
      finish: async ({ event }, outcome) => {
        recordedData.push(event.data);
        await options.recorded;
        finished.push(`${event.id} ${outcome.kind}`);
      },
      giveBack: (events) => {
        givenBack.push(...events.map(({ event }) => event.id));
        return Promise.resolve();
      },
      begin: ({ event }) => {
        begun.push(event.id);
        return options.begin?.() ?? Promise.resolve();
      },
      size: () => Promise.resolve(waiting.length),
    },
    dispatch: (event, history) => options.dispatch(event.id, history),
    concurrency: options.concurrency ?? 2,
    pollMs: 10,
    log,
  });
  return { dispatcher, finished, recordedData, givenBack, suspended, begun, waiting, claims };
}

function claimed(rowId: number, id: string): ClaimedEvent {
  return { rowId, event: sampleEvent({ id }), bytes: 100, runs: [], doubtfulSince: null, startLeft: false };
}

const run = { workflowId: 'a/stripe/evt_1', definition: 'a', definitionHash: 'abc' };
const done: DispatchOutcome = { kind: 'done', runs: [run], duplicates: 0 };
const away: DispatchOutcome = { kind: 'unstarted', runs: [], reason: 'connection refused', temporalSeemsDown: true };
const strange: DispatchOutcome = { kind: 'unstarted', runs: [], reason: 'strange', temporalSeemsDown: false };

it('dispatches an event as soon as it is accepted, without polling', async () => {
  const { dispatcher, finished, claims } = setUp({ dispatch: () => Promise.resolve(done) });
  dispatcher.accept(1, sampleEvent({ id: 'a' }), 100);
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
  for (let index = 0; index < 20; index++) dispatcher.accept(index, sampleEvent({ id: String(index) }), 100);
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
  for (const id of ['a', 'b', 'c']) dispatcher.accept(1, sampleEvent({ id }), 100);
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
  for (let index = 0; index < 1_000; index++) dispatcher.accept(index, sampleEvent(), 100);
  await expect.poll(() => dispatched).toBe(1_000);
  expect(dispatcher.hasRoom()).toBe(false);
  dispatcher.wake();
  expect(claims).toEqual([]);
});

it('has recorded every dispatched event when it has stopped', async () => {
  let release: () => void = () => undefined;
  const recorded = new Promise<void>((resolve) => (release = resolve));
  const { dispatcher, finished } = setUp({ recorded, dispatch: () => Promise.resolve(done) });
  dispatcher.accept(1, sampleEvent({ id: 'a' }), 100);
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

it('gives its queue back and pauses once eight different events failed and none started, then continues', async () => {
  let isAway = true;
  const { dispatcher, finished, givenBack, suspended, waiting, claims } = setUp({
    concurrency: 1,
    dispatch: () => Promise.resolve(isAway ? away : done),
  });
  for (const [index, id] of 'a b c d e f g h i j'.split(' ').entries())
    dispatcher.accept(index, sampleEvent({ id }), 100);
  await expect.poll(() => givenBack).toEqual(['i', 'j']);
  expect(suspended.map((each) => each.slice(0, 1)).join('')).toBe('abcdefgh');
  expect(dispatcher.hasRoom()).toBe(false);
  isAway = false;
  waiting.push(claimed(0, 'a'), claimed(1, 'b'));
  dispatcher.start();
  await expect.poll(() => finished).toEqual(['a done', 'b done']);
  expect(claims[0]).toEqual({ count: 16, spread: true });
  await dispatcher.stop();
});

it('gives back what a claim brings during a pause, instead of keeping it until another webhook comes', async () => {
  let release: () => void = () => undefined;
  const { dispatcher, givenBack, suspended } = setUp({
    waiting: ['late 1', 'late 2'],
    concurrency: 8,
    claimable: new Promise((resolve) => (release = resolve)),
    dispatch: () => Promise.resolve(away),
  });
  dispatcher.start();
  for (const [index, id] of 'a b c d e f g h'.split(' ').entries()) dispatcher.accept(index, sampleEvent({ id }), 100);
  await expect.poll(() => suspended).toHaveLength(8);
  release();
  await expect.poll(() => givenBack).toEqual(['late 1', 'late 2']);
  await dispatcher.stop();
});

it.each([
  ['longer and longer while Temporal seems to be away', away, 6],
  ['a second at most while Temporal answers', strange, 10],
])('pauses after many failures %s', async (_how, fault, rounds) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const inbox = impatientInbox(Array.from({ length: 100 }, (_, index) => claimed(index + 1, `poison ${index + 1}`)));
  const claim = vi.spyOn(inbox.backlog, 'claim');
  const dispatcher = createDispatcher({
    backlog: inbox.backlog,
    dispatch: () => Promise.resolve(fault),
    concurrency: 16,
    pollMs: 50,
    log,
  });
  dispatcher.start();
  for (let step = 0; step < 160; step++) await vi.advanceTimersByTimeAsync(50); // Eight seconds.
  expect(claim.mock.calls.length).toBe(rounds);
  await dispatcher.stop();
  vi.useRealTimers();
});

it('does not take an event for proof of a working Temporal if all of its runs are known', async () => {
  const { dispatcher, finished, givenBack } = setUp({
    concurrency: 1,
    dispatch: (id) => Promise.resolve(id === 'known' ? { kind: 'done', runs: [], duplicates: 0, known: 1 } : away),
  });
  const ids = 'a b c d known e f g h i'.split(' ');
  for (const [index, id] of ids.entries()) dispatcher.accept(index, sampleEvent({ id }), 100);
  await expect.poll(() => givenBack).toEqual(['i']);
  expect(finished).toEqual(['known done']);
});

it('tells whoever dispatches an event which runs it has', async () => {
  const known: unknown[] = [];
  const { dispatcher, finished, waiting } = setUp({
    dispatch: (_id, history) => {
      known.push([history.known, history.doubtfulSince]);
      return Promise.resolve(done);
    },
  });
  const earlier = { workflowId: 'a/stripe/evt_1', definition: 'a', started: true };
  waiting.push({ ...claimed(1, 'a'), runs: [earlier], doubtfulSince: '2026-01-01T00:00:00.000Z' });
  dispatcher.wake();
  await expect.poll(() => finished).toEqual(['a done']);
  dispatcher.accept(2, sampleEvent({ id: 'b' }), 100);
  await expect.poll(() => finished).toEqual(['a done', 'b done']);
  expect(known).toEqual([
    [[earlier], '2026-01-01T00:00:00.000Z'],
    [[], null],
  ]);
});

it('uses up no attempt of an event during an outage, however long it is', async () => {
  const { dispatcher, finished, waiting, suspended } = setUp({ dispatch: () => Promise.resolve(away) });
  for (let round = 0; round < 50; round++) {
    waiting.push(claimed(1, 'a'), claimed(2, 'b'));
    dispatcher.wake();
    await expect.poll(() => suspended).toHaveLength(2 * round + 2);
  }
  expect(finished).toEqual([]);
});

it('starts healthy events behind any number that always fail, and counts the failures against those that fail', async () => {
  const poison = Array.from({ length: 200 }, (_, index) => claimed(index + 1, `poison ${index + 1}`));
  const inbox = impatientInbox([...poison, claimed(201, 'healthy')]);
  const dispatcher = createDispatcher({
    backlog: inbox.backlog,
    dispatch: ({ id }) => Promise.resolve(id.startsWith('poison') ? strange : done),
    concurrency: 16,
    pollMs: 10,
    log,
  });
  dispatcher.start();
  await expect.poll(() => inbox.finished).toContain('healthy done');
  await expect.poll(() => inbox.finished.filter((each) => each.endsWith('refused'))).toHaveLength(200);
  await dispatcher.stop();
  expect(inbox.finished.filter((each) => each.startsWith('healthy') && !each.endsWith('done'))).toEqual([]);
});

/**
 * The worst inbox: it offers what was suspended again at once, before everything else. Half of a spread batch is the newest. After each
 * event that started, another one arrives.
 */
function impatientInbox(stored: ClaimedEvent[]) {
  let pending = stored;
  const finished: string[] = [];
  const backlog: Backlog = {
    claim({ count, spread }) {
      const head = pending.slice(0, spread === true ? count / 2 : count);
      const tail = spread === true ? pending.slice(head.length).slice(-count / 2) : [];
      const events = [...head, ...tail];
      pending = pending.filter((each) => !events.includes(each));
      return Promise.resolve({ events, more: events.length === count });
    },
    finish({ event }, { kind }) {
      finished.push(`${event.id} ${kind}`);
      const next = kind === 'done' ? [claimed(1_000 + finished.length, `healthy ${finished.length}`)] : [];
      return putBack(next);
    },
    suspend: (event) => putBack([event]),
    giveBack: (events) => putBack(events),
    begin: () => Promise.resolve(),
    size: () => Promise.resolve(pending.length),
  };
  const putBack = (events: ClaimedEvent[]): Promise<void> => {
    pending = [...pending, ...events].sort((a, b) => a.rowId - b.rowId);
    return Promise.resolve();
  };
  return { backlog, finished };
}

it('sets an event aside whose dispatch throws, and refuses it if it throws again while others start', async () => {
  const { dispatcher, finished, suspended, waiting } = setUp({
    concurrency: 1,
    dispatch: (id) => (id === 'a' ? Promise.reject(new Error('bug')) : Promise.resolve(done)),
  });
  dispatcher.accept(1, sampleEvent({ id: 'a' }), 100);
  dispatcher.accept(2, sampleEvent({ id: 'b' }), 100);
  await expect.poll(() => finished).toEqual(['b done']);
  expect(suspended).toEqual(['a: bug']);
  waiting.push(claimed(1, 'a')); // The inbox offers an event again when its claim has run out.
  dispatcher.wake();
  await expect.poll(() => finished).toEqual(['b done', 'a refused']);
});

it('holds nothing against an event if the inbox cannot record that its runs are about to start', async () => {
  let isDown = true;
  const { dispatcher, finished, suspended, begun, waiting } = setUp({
    concurrency: 1,
    begin: () => (isDown ? Promise.reject(new Error('connection lost')) : Promise.resolve()),
    dispatch: async (_id, { begin }) => {
      await begin();
      return done;
    },
  });
  dispatcher.accept(1, sampleEvent({ id: 'a' }), 100);
  await expect.poll(() => begun).toEqual(['a']);
  isDown = false;
  waiting.push(claimed(1, 'a'));
  dispatcher.wake();
  await expect.poll(() => finished).toEqual(['a done']);
  expect([begun, suspended]).toEqual([['a', 'a'], []]);
});

it('goes on if the inbox cannot set an event aside', async () => {
  const { dispatcher, finished } = setUp({
    concurrency: 1,
    suspend: () => Promise.reject(new Error('connection lost')),
    dispatch: (id) => Promise.resolve(id === 'a' ? strange : done),
  });
  dispatcher.accept(1, sampleEvent({ id: 'a' }), 100);
  dispatcher.accept(2, sampleEvent({ id: 'b' }), 100);
  await expect.poll(() => finished).toEqual(['b done']);
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
  dispatcher.accept(1, sampleEvent({ id: 'a' }), 100);
  dispatcher.accept(2, sampleEvent({ id: 'b' }), 100);
  const stopping = dispatcher.stop();
  release();
  await stopping;
  expect(finished).toEqual(['a done']);
  expect(givenBack).toEqual(['b']);
});

it('has no room once a thousand events wait in memory', () => {
  const { dispatcher } = setUp({ concurrency: 1, dispatch: () => new Promise(() => undefined) });
  for (let index = 0; index < 1_001; index++) dispatcher.accept(index, sampleEvent(), 100);
  expect(dispatcher.hasRoom()).toBe(false);
});

const mebibyte = 1_048_576;

it('has no room once the events in memory take 32 MiB, until those with Temporal have ended', async () => {
  const ends: (() => void)[] = [];
  const { dispatcher, finished, claims } = setUp({
    dispatch: () => new Promise((resolve) => ends.push(() => resolve(done))),
  });
  dispatcher.accept(1, sampleEvent({ id: 'a' }), 16 * mebibyte);
  expect(dispatcher.hasRoom()).toBe(true);
  dispatcher.accept(2, sampleEvent({ id: 'b' }), 16 * mebibyte);
  expect(dispatcher.hasRoom()).toBe(false);
  dispatcher.wake();
  expect(claims).toEqual([]);
  ends[0]!();
  await expect.poll(() => finished).toEqual(['a done']);
  expect(dispatcher.hasRoom()).toBe(true);
});

it('has 16 MiB of large events with Temporal at once, or one that is larger, while small ones pass those that wait', async () => {
  const dispatched: string[] = [];
  const ends = new Map<string, () => void>();
  const { dispatcher } = setUp({
    concurrency: 4,
    dispatch: (id) => {
      dispatched.push(id);
      return new Promise((resolve) => ends.set(id, () => resolve(done)));
    },
  });
  dispatcher.accept(1, sampleEvent({ id: '8 MiB' }), 8 * mebibyte);
  dispatcher.accept(2, sampleEvent({ id: '20 MiB' }), 20 * mebibyte);
  dispatcher.accept(3, sampleEvent({ id: '1 MiB' }), mebibyte);
  dispatcher.accept(4, sampleEvent({ id: 'small' }), 200_000);
  expect(dispatched).toEqual(['8 MiB', 'small']);
  ends.get('8 MiB')!();
  await expect.poll(() => dispatched).toEqual(['8 MiB', 'small', '20 MiB']);
  ends.get('20 MiB')!();
  await expect.poll(() => dispatched).toEqual(['8 MiB', 'small', '20 MiB', '1 MiB']);
});

it('looks for small events in the inbox while only large ones wait for others that are with Temporal', async () => {
  const dispatched: string[] = [];
  const { dispatcher, waiting, claims } = setUp({
    concurrency: 3,
    waiting: Array.from({ length: 64 }, (_, index) => String(index)),
    dispatch: (id) => {
      dispatched.push(id);
      return id.endsWith('MiB') ? new Promise(() => undefined) : Promise.resolve(done);
    },
  });
  dispatcher.accept(100, sampleEvent({ id: '10 MiB' }), 10 * mebibyte);
  dispatcher.accept(101, sampleEvent({ id: '11 MiB' }), 11 * mebibyte);
  dispatcher.wake();
  await expect.poll(() => claims.length).toBe(2);
  expect(waiting).toEqual([]);
  expect(dispatched).toHaveLength(65);
});

it('records an outcome without the data of its event, which may be large', async () => {
  const { dispatcher, recordedData, finished } = setUp({ dispatch: () => Promise.resolve(done) });
  dispatcher.accept(1, sampleEvent({ id: 'a', data: { blob: 'x' } }), 100);
  await expect.poll(() => finished).toEqual(['a done']);
  expect(recordedData).toEqual([null]);
});
