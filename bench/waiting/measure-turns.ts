import type { CanonicalEvent } from '../../language/event.ts';
import type { Definition } from '../../language/definition.ts';
import { turnRulesOf } from '../../language/turns.ts';
import { createBacklog } from '../../server/backlog.ts';
import { createInbox } from '../../server/inbox.ts';
import { createFindLaggards } from '../../server/turns/find-laggards.ts';
import { createTakeTurn } from '../../server/turns/take-turn.ts';
import type { Database } from '../../storage/database.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { endTurn } from '../../storage/turns/end-turn.ts';
import { rounded, type Report } from '../report.ts';
import { median } from '../rounds.ts';
import type { Services } from '../services.ts';
import { paidEvent } from '../stripe-payments.ts';

const sizes = [10, 1_000] as const;
const queues = 'an event that queues behind them';
const ends = 'the end of a turn, which gives the next one';

/** What the events that wait for one key cost whoever comes behind them, and the end of each turn. */
export async function measureTurns(
  { postgres }: Pick<Services, 'postgres'>,
  options: { repeats: number; report: (line: string) => void },
): Promise<Report> {
  const figures: Record<string, number>[] = [];
  for (const size of sizes) {
    const database = await openPostgres(await postgres.createDatabase(`turns_${size}`), {
      ...{ connections: 4, onError: () => undefined },
    });
    try {
      figures.push(await measureWith(size, database, options.repeats * 20));
      options.report(`measured ${size} queued events`);
    } finally {
      await database.close();
    }
  }
  const [few = {}, many = {}] = figures;
  const ratio = (what: string) => (many[what] ?? 0) / (few[what] ?? 1);
  return {
    title: 'turns: what a key costs in PostgreSQL',
    notes: ['Medians for one event at a time, all about the same thing.'],
    headings: ['what', `${sizes[0]} queued events`, `${sizes[1]} queued events`, 'ratio'],
    rows: [queues, ends].map((what) => [
      what,
      `${rounded(few[what] ?? 0)} ms`,
      `${rounded(many[what] ?? 0)} ms`,
      rounded(ratio(what)),
    ]),
    targets: [queues, ends].map((what) => ({
      what: `${what}, many against few`,
      measured: ratio(what),
      unit: '' as const,
      atMost: 2,
    })),
  };
}

const definition: Definition = {
  name: 'bench',
  on: { event: 'payment.succeeded' },
  key: '{{event.entity}}',
  hold: 'run',
  steps: [{ id: 'done', wait: '1ms' }],
};

async function measureWith(size: number, database: Database, rounds: number): Promise<Record<string, number>> {
  const dispatch = createDispatch(database);
  let number = 0;
  const next = () => dispatch(String((number += 1)));
  await next();
  for (let index = 0; index < size; index += 1) await next();
  await database.run('bench-analyze', 'analyze', []);
  const times: Record<typeof queues | typeof ends, number[]> = { [queues]: [], [ends]: [] };
  for (let round = 1; round <= rounds; round += 1) {
    times[queues].push(await next());
    const startedAt = performance.now();
    await endTurn(database, { workflowId: `bench/${round}`, how: 'completed' });
    times[ends].push(performance.now() - startedAt);
    // The next run starts, so its event is pending no longer.
    await database.run('bench-started', `update events set state = 'dispatched' where event_id = $1`, [
      String(round + 1),
    ]);
  }
  return { [queues]: median(times[queues]), [ends]: median(times[ends]) };
}

/** Stores an event and takes its turn, as a dispatcher does. Resolves to the milliseconds of the second part. */
function createDispatch(database: Database): (id: string) => Promise<number> {
  const readData = () => () => null;
  const findLaggards = createFindLaggards({ database, readData });
  const takeTurn = createTakeTurn({ database, findLaggards, queued: () => undefined });
  const backlog = createBacklog({ database, readData, random: () => 0 });
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const loaded = { definition, hash: 'bench', file: 'bench.json', children: {} };
  const rules = turnRulesOf(definition);
  if (rules === null) throw new Error('The definition has no turns');
  return async (id) => {
    const event: CanonicalEvent = {
      ...paidEvent(id),
      ...{ id, source: 'stripe', type: 'payment.succeeded', entity: 'one' },
    };
    const body = { bytes: Buffer.from('{}'), contentType: 'application/json', headers: null };
    const kept = { state: 'pending', lastError: null, holdMs: 0, endsHold: false, item: 0 } as const;
    const result = await inbox.store({ ...kept, event, body });
    if (result.duplicate) throw new Error(`The event ${id} was stored before`);
    const { rowId } = result;
    const workflowId = `bench/${id}`;
    const startedAt = performance.now();
    const answer = await takeTurn({ workflowId, definition: definition.name, key: 'one', event: rowId, rules, loaded });
    const run = { workflowId, definition: definition.name, definitionHash: 'bench' };
    const isFirst = answer.kind === 'go';
    await backlog.finish(
      { rowId, event, bytes: 0, runs: [], doubtfulSince: null, startLeft: false },
      { kind: 'done', duplicates: 0, runs: isFirst ? [run] : [], ...(isFirst ? {} : { queued: 1 }) },
    );
    return performance.now() - startedAt;
  };
}
