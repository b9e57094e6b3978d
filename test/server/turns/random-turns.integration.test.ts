import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../language/event.ts';
import { createFindLaggards } from '../../../server/turns/find-laggards.ts';
import { createTurnKeeper } from '../../../server/turns/keep-turns.ts';
import type { Database } from '../../../storage/database.ts';
import { freeKey } from '../../../storage/turns/end-turn.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { ordered, turnWorld } from './turn-world.ts';

/*
 * Random lives of runs with keys, over the real statements: events are dispatched in any order and by dispatchers that die at any moment, runs end
 * before or after they are on record, and the keeper looks now and then. Whatever happens, no two runs of a key are active at once, they begin in
 * the order of their events, and in the end every event has had its run, or was passed over for another one.
 */

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

interface Rules {
  perKey: 'queue' | 'skip' | 'latest';
  concurrent?: number;
  onPoison: 'skip' | 'block';
}

/** Each picks one of what there is by its number. `dies`: before the outcome is recorded. */
type Step =
  | { do: 'store'; key: number }
  | { do: 'dispatch'; which: number; dies: boolean; refused: boolean }
  | { do: 'end'; which: number; how: 'completed' | 'failed' | 'canceled' | 'denied' }
  | { do: 'look' };

const which = fc.nat({ max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('store' as const), key: fc.nat({ max: 2 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('dispatch' as const),
      which,
      dies: fc.boolean(),
      refused: fc.nat({ max: 9 }).map((number) => number === 0),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which,
      how: fc.constantFrom('completed' as const, 'failed' as const, 'canceled' as const, 'denied' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
);
const rules: fc.Arbitrary<Rules> = fc.record(
  {
    perKey: fc.constantFrom('queue' as const, 'skip' as const, 'latest' as const),
    concurrent: fc.integer({ min: 1, max: 2 }),
    onPoison: fc.constantFrom('skip' as const, 'block' as const),
  },
  { requiredKeys: ['perKey', 'onPoison'] },
);

interface Known {
  rowId: number;
  event: CanonicalEvent;
  key: string;
  /** A run that has ended, and what could never start, is over. */
  life: 'stored' | 'active' | 'over';
}

async function live(given: Rules, steps: Step[]): Promise<string[]> {
  await database.run('test-empty', 'truncate turns, turn_rules, runs, events, bodies cascade', []);
  const { perKey, concurrent, onPoison } = given;
  const limits = { perKey, ...(concurrent && { concurrent }) };
  const loaded = ordered({ limits, onPoison });
  const world = turnWorld(database, loaded);
  const events: Known[] = [];
  const problems: string[] = [];
  const idOf = ({ event }: Known) => event.id;
  const active = () => events.filter(({ life }) => life === 'active');
  const keeper = async () => {
    const kept = createTurnKeeper({
      ...{ database, served: { definitions: [loaded] }, given: () => undefined },
      findLaggards: createFindLaggards({ database, readData: () => () => null }),
      log: { warn: ({ err }: { err?: unknown }) => problems.push(String(err)), info: () => undefined } as never,
      runEnd: (workflowId) => {
        const found = events.find((each) => world.idOf(idOf(each)) === workflowId);
        return Promise.resolve(found?.life === 'active' ? 'running' : found?.life === 'over' ? 'completed' : 'gone');
      },
    });
    kept.start();
    await kept.stop();
  };

  function begin(known: Known): void {
    if (known.life !== 'stored') return; // Temporal refuses a second start of the same id.
    known.life = 'active';
    const same = active().filter((each) => each !== known && each.key === known.key);
    if (same.length > 0) problems.push(`${idOf(known)} begins beside ${same.map(idOf).join()}`);
    const earlier = events.filter(
      (each) => each.key === known.key && each.rowId < known.rowId && each.life === 'stored',
    );
    if (perKey === 'queue' && earlier.length > 0)
      problems.push(`${idOf(known)} begins before ${earlier.map(idOf).join()}`);
    if (concurrent !== undefined && active().length > concurrent) problems.push(`${active().length} are active`);
  }

  async function dispatch(known: Known, dies: boolean, refused: boolean): Promise<void> {
    const answer = await world.take(known);
    if (answer.kind === 'go' && refused && known.life === 'stored') {
      known.life = 'over';
      await world.end(idOf(known), 'canceled', false);
      await world.record(known, answer);
      return;
    }
    if (answer.kind === 'go') begin(known);
    if (!dies) await world.record(known, answer);
  }

  async function end(known: Known, how: 'completed' | 'failed' | 'canceled' | 'denied'): Promise<void> {
    known.life = 'over';
    await world.end(idOf(known), how);
  }

  const pick = <Item>(items: Item[], number: number): Item | undefined => items[number % Math.max(1, items.length)];
  const pendingOnes = async () => {
    const ids = await world.pending();
    return events.filter((each) => ids.includes(idOf(each)));
  };

  for (const each of steps) {
    if (each.do === 'store') {
      const id = `e${events.length}`;
      const key = `k${each.key}`;
      events.push({ ...(await world.store(id, key)), key, life: 'stored' });
    } else if (each.do === 'dispatch') {
      const known = pick(await pendingOnes(), each.which);
      if (known !== undefined) await dispatch(known, each.dies, each.refused);
    } else if (each.do === 'end') {
      const known = pick(active(), each.which);
      if (known !== undefined) await end(known, each.how);
    } else await keeper();
  }

  // Everything comes to its end.
  for (let round = 0; round < 3 * events.length + 5; round++) {
    for (const known of await pendingOnes()) await dispatch(known, false, false);
    for (const known of active()) await end(known, 'completed');
    await database.run('test-check-all', "update turns set check_at = null, at = now() - interval '1 minute'", []);
    await keeper();
    for (const key of ['k0', 'k1', 'k2']) {
      const blocked = `select workflow_id from turns where key = $1 and state = 'blocked'`;
      if ((await database.run('test-blocked', blocked, [key])).length > 0)
        await freeKey(database, { definition: 'in-order', key, actor: 'ana', reason: 'done by hand' });
    }
  }
  const left = (await world.turns()).filter((line) => !/ (?:skipped|merged)$/.test(line));
  const passed = new Set((await world.turns()).map((line) => line.split(' ')[0]));
  return [
    ...problems,
    ...left.map((line) => `left: ${line}`),
    ...(await world.pending()).map((id) => `${id} is left pending`),
    ...events
      .filter((each) => each.life !== 'over' && !passed.has(idOf(each)))
      .map((each) => `${idOf(each)} had no run`),
  ];
}

it('keeps one at a time, the order, and every event, whoever dies when', async () => {
  await fc.assert(
    fc.asyncProperty(rules, fc.array(step, { minLength: 5, maxLength: 40 }), async (given, steps) => {
      expect(await live(given, steps)).toEqual([]);
    }),
    { numRuns: Number(process.env.KAIT_TEST_RUNS ?? 30), endOnFailure: false },
  );
}, 180_000);
