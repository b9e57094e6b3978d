import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { type ChangeHubDeps, createChangeHub, type PlacedChange } from '../../../server/changes/change-hub.ts';
import { compareNewest, type Newest } from '../../../server/changes/read-changes.ts';

type Things = [row: string, state: string][];
const newest = (events: Things): Newest =>
  new Map([['events', new Map(events.map(([row, state]) => [row, { id: `stripe/${row}`, state, version: '' }]))]]);

let stopping = new AbortController();
afterEach(() => {
  stopping.abort();
  stopping = new AbortController();
});

/** A hub that looks when `look` is called, and finds what `found` is then. */
function openHub(more: Partial<ChangeHubDeps> = {}) {
  let looks = 0;
  let go: (() => void) | null = null;
  const state = { found: newest([]) };
  const hub = createChangeHub({
    readNewest() {
      looks += 1;
      return Promise.resolve(state.found);
    },
    readFigures: () => Promise.resolve({}),
    pause: () => new Promise((resolve) => (go = resolve)),
    log: pino({ level: 'silent' }),
    ...more,
  });
  async function look(found = state.found) {
    state.found = found;
    await turn();
    go?.();
    await turn();
    await turn();
  }
  function view(from: string | null = null) {
    const told: (PlacedChange | null)[] = [];
    const leaving = new AbortController();
    const signal = AbortSignal.any([stopping.signal, leaving.signal]);
    const over = (async () => {
      for await (const each of hub.follow(from, signal)) told.push(each);
    })();
    const leave = async () => {
      leaving.abort();
      await over;
    };
    return { told, leave, changes: () => told.map((each) => each?.change ?? null) };
  }
  return { hub, look, view, looks: () => looks };
}

const anything = ['events', 'runs', 'deliveries', 'approvals', 'status'].map((kind) => ({
  ...{ kind, things: [], complete: false },
}));
const event = (row: string, state: string) => ({
  kind: 'events',
  things: [{ id: `stripe/${row}`, state }],
  complete: true,
});

it('tells first that anything may have changed, then what is new and what is in another state', async () => {
  const { look, view } = openHub();
  const { changes } = view();
  await look();
  await look(newest([['1', 'pending']]));
  await look(newest([['1', 'dispatched']]));
  expect(changes()).toEqual([...anything, event('1', 'pending'), event('1', 'dispatched')]);
});

it('looks once for all viewers, and not at all without one', async () => {
  const { look, view, looks } = openHub();
  await look();
  expect(looks()).toBe(0);
  const viewers = Array.from({ length: 50 }, () => view());
  await look();
  await look(newest([['1', 'pending']]));
  expect(looks()).toBe(3);
  expect(viewers.filter(({ changes }) => changes().length === 6)).toHaveLength(50);
  await Promise.all(viewers.map(({ leave }) => leave()));
  await look();
  await look();
  expect(looks()).toBe(3);
});

it('goes on after the place that a viewer names', async () => {
  const { look, view } = openHub();
  const first = view();
  await look();
  await look(newest([['1', 'pending']]));
  const { place } = first.told.at(-1)!;
  await look(
    newest([
      ['1', 'pending'],
      ['2', 'pending'],
    ]),
  );
  const again = view(place);
  await look();
  expect(again.changes()).toEqual([event('2', 'pending')]);
});

it.each(['', 'x', '0.0', '11111111-1111-1111-1111-111111111111.0', `${'f'.repeat(36)}.99999`])(
  'says that anything may have changed to whoever names the place %j',
  async (place) => {
    const { look, view } = openHub();
    const { changes } = view(place);
    await look();
    expect(changes()).toEqual(anything);
  },
);

it('does not know places of an earlier time, when nobody looked', async () => {
  const { look, view } = openHub();
  const first = view();
  await look();
  const { place } = first.told.at(-1)!;
  await first.leave();
  await look();
  const again = view(place);
  await look();
  await look();
  expect(again.changes()).toEqual(anything);
});

it('keeps little for a slow viewer, and tells it that anything may have changed', async () => {
  const { hub, look } = openHub();
  const slow = hub.follow(null, stopping.signal);
  const first = slow.next();
  await look();
  await first;
  for (let round = 0; round < 300; round += 1) await look(newest([['1', String(round)]]));
  const told: (string | undefined)[] = [];
  for (let read = 0; read < 9; read += 1) {
    const next = (await slow.next()) as IteratorYieldResult<PlacedChange | null>; // It has no end.
    told.push(next.value?.change.kind);
  }
  const kinds = anything.map(({ kind }) => kind);
  expect(told.slice(4)).toEqual(kinds);
});

it('says that the stream is alive when nothing has changed for five looks', async () => {
  const { look, view } = openHub();
  const { changes } = view();
  for (let looks = 0; looks < 6; looks += 1) await look();
  expect(changes()).toEqual([...anything, null]);
});

it('tells that figures have changed, unless the rows have told it', async () => {
  let count = 0;
  const { look, view } = openHub({
    readFigures: () => Promise.resolve({ runs: String((count += 1)), status: 'same' }),
  });
  const { changes } = view();
  for (let looks = 0; looks < 8; looks += 1) await look();
  expect(changes().filter((change) => change?.kind === 'runs')).toHaveLength(2);
  expect(changes().filter((change) => change?.kind === 'status')).toHaveLength(1);
});

it('goes on after the database has failed, and misses nothing', async () => {
  const found = [newest([]), new Error('gone'), newest([['1', 'pending']])];
  const { look, view } = openHub({
    readNewest() {
      const next = found.shift() ?? newest([['1', 'pending']]);
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  });
  const { changes } = view();
  for (let looks = 0; looks < 5; looks += 1) await look();
  expect(changes().filter((change) => change !== null)).toEqual([...anything, event('1', 'pending')]);
});

it('tells at most 200 things of a table, and that there may be more', () => {
  const rows = Array.from({ length: 200 }, (_, row): [string, string] => [String(row), 'pending']);
  expect(compareNewest(newest([['x', 'pending']]), newest(rows))).toMatchObject([{ kind: 'events', complete: false }]);
  const [known = ['0', 'pending'], ...others] = rows;
  expect(compareNewest(newest([known]), newest([known, ...others]))).toMatchObject([
    { kind: 'events', complete: true },
  ]);
});
