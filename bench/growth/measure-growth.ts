import { createCleanup } from '../../cli/compose/cleanup.ts';
import { countDeliveries } from '../../server/count-deliveries.ts';
import { listDeliveries } from '../../server/deliveries/list-deliveries.ts';
import { listEvents } from '../../server/records.ts';
import { find } from '../../server/search/find.ts';
import { listRuns } from '../../server/search/list-runs.ts';
import { findStuck } from '../../server/stuck.ts';
import { openInstallation } from '../../storage/installation.ts';
import type { Database } from '../../storage/database.ts';
import { applyRetention } from '../../storage/retention.ts';
import { createDispatchingInbox } from '../../test/services/dispatching-inbox.ts';
import { startPostgres } from '../../test/services/postgres.ts';
import { countStatements } from '../../test/services/statement-counts.ts';
import { rounded, type Report, type Target } from '../report.ts';
import { median, rotated } from '../rounds.ts';
import { entryOf, openGrowingDatabase, timedSteps, type GrowingDatabase } from './growing-database.ts';
import { measureBytes, measuredTables, type StoredBytes } from './stored-bytes.ts';

const sizes = [1_000, 1_000_000] as const;
/** Events that come at once. */
const burst = 500;
/** Of a shop whose inbox keeps bodies for this long, a year has gone by. */
const retention = { keepBodiesMs: 90 * 86_400_000, keepEventsMs: 180 * 86_400_000 };
const retentionAt = new Date('2026-12-20T00:00:00Z');

const lists: [string, (database: Database) => Promise<unknown>][] = [
  ['kait events', (database) => listEvents(database, { limit: 50 })],
  ['kait events --state failed', (database) => listEvents(database, { limit: 50, state: 'failed' })],
  ['kait events --source, which sends no more', (database) => listEvents(database, { limit: 50, source: 'former' })],
  ['kait events --currency, used no more', (database) => listEvents(database, { limit: 50, currency: 'USD' })],
  ['kait runs', (database) => listRuns(database, { limit: 50 })],
  ['kait runs --source, which sends no more', (database) => listRuns(database, { limit: 50, source: 'former' })],
  ['kait deliveries', (database) => listDeliveries(database, { limit: 50, tenant: null })],
  ['kait find, an order', (database) => find(database, 'INV-250')],
  ['kait status', (database) => findStuck(database, ['shop-1', 'former', 'none'], 100_000)],
  ['the count of deliveries for the metrics', (database) => countDeliveries(database, 100_000)],
];

/**
 * What a thousand times as many events cost, and a thousand times as many registered waits: a database with 1,000 events and 10 waits beside
 * one with 1,000,000 and 10,000, in turns. Then the bytes and the statements of an event.
 */
export async function measureGrowth(options: { repeats: number; report: (line: string) => void }): Promise<Report[]> {
  const cleanup = createCleanup();
  try {
    const postgres = await startPostgres({ countsStatements: true });
    cleanup.add(() => postgres.stop());
    const databases: GrowingDatabase[] = [];
    for (const size of sizes) {
      options.report(`filling a database with ${size} events`);
      const database = await openGrowingDatabase(postgres, size);
      cleanup.add(() => database.close());
      databases.push(database);
    }
    const costs = await measureCosts(databases, options);
    const empty = await openGrowingDatabase(postgres, 0);
    cleanup.add(() => empty.close());
    options.report('measuring the bytes of an event');
    const bytes = await measureBytes(empty, 4_000);
    options.report('counting statements');
    return [costs, storageReport(bytes, await measureStatements(empty.database))];
  } finally {
    await cleanup.run();
  }
}

type Figures = Map<string, number[][]>;

async function measureCosts(
  databases: GrowingDatabase[],
  { repeats, report }: { repeats: number; report: (line: string) => void },
): Promise<Report> {
  const figures: Figures = new Map();
  const note = (what: string, database: GrowingDatabase, value: number) => {
    const all = figures.get(what) ?? databases.map(() => []);
    all[databases.indexOf(database)]?.push(value);
    figures.set(what, all);
  };
  for (const database of databases) await database.takeEvents(burst); // Warms up.
  for (let round = 0; round < repeats * 3; round += 1) {
    report(`round ${round + 1} of ${repeats * 3}`);
    for (const database of rotated(databases, round)) {
      const steps = await database.takeEvents(burst);
      for (const step of timedSteps) note(`event: ${step}`, database, steps[step]);
      for (const [what, list] of lists) note(what, database, await timeOf(() => list(database.database)));
    }
  }
  for (const database of databases) {
    report(`applying retention to ${database.events} events`);
    const startedAt = performance.now();
    const rows = await retain(database.database);
    note('retention: a row', database, (performance.now() - startedAt) / rows);
    for (let round = 0; round < repeats; round += 1) {
      note('retention: a sweep that finds nothing', database, await timeOf(() => retain(database.database)));
    }
  }
  return costReport(figures);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function retain(database: Database): Promise<number> {
  const sources = [{ source: 'shop-1', ...retention }];
  return applyRetention(database, sources, { now: retentionAt, pause: () => Promise.resolve() });
}

function costReport(figures: Figures): Report {
  const rows = [...figures].map(([what, [few = [], many = []]]) => {
    const [one, other] = [median(few), median(many)];
    return { what, one, other, ratio: other / one };
  });
  const ofEvents = rows.filter(({ what }) => what.startsWith('event:'));
  const sum = (key: 'one' | 'other') => ofEvents.reduce((total, row) => total + row[key], 0);
  const ratioOf = (wanted: string) => rows.find(({ what }) => what === wanted)?.ratio ?? NaN;
  return {
    title: 'growth: what a thousand times as many events cost in PostgreSQL',
    notes: [
      'Medians of milliseconds, the two databases in turns. 1,000,000 events come with 600,000 runs, 10,000 registered waits and 100,000 deliveries.',
      `Events: ${burst} at once, each for one event; claimed 64 at a time. Retention: without the pauses between its batches.`,
    ],
    headings: ['what', '1,000 events', '1,000,000 events', 'ratio'],
    rows: rows.map(({ what, one, other, ratio }) => [
      what,
      ...[`${rounded(one)} ms`, `${rounded(other)} ms`, rounded(ratio)],
    ]),
    targets: [
      { what: 'Storing an event', measured: ratioOf('event: store'), unit: '', atMost: 1.5 },
      { what: 'Storing and dispatching an event', measured: sum('other') / sum('one'), unit: '', atMost: 1.5 },
      ...lists.map(([list]): Target => ({ what: list, measured: ratioOf(list), unit: '', atMost: 3 })),
    ],
  };
}

interface StatementsOfEvents {
  alone: number;
  together: number;
}

/** From receipt to the record of the started run. */
async function measureStatements(database: Database): Promise<StatementsOfEvents> {
  const inbox = createDispatchingInbox(database, await openInstallation(database, null));
  try {
    const alone = await countStatements(database, async () => {
      for (let index = 0; index < 50; index += 1) await inbox.take(entryOf(`alone_${index}`));
    });
    const together = await countStatements(database, async () => {
      await Promise.all(Array.from({ length: burst }, (_, index) => inbox.take(entryOf(`together_${index}`))));
    });
    return { alone: alone / 50, together: together / burst };
  } finally {
    await inbox.stop();
  }
}

function storageReport(bytes: StoredBytes, { alone, together }: StatementsOfEvents): Report {
  return {
    title: 'growth: what an event takes up',
    notes: [
      'Of payments of Stripe, dispatched with one run each, in a database in which vacuum keeps up: bytes with indexes.',
      `Statements from receipt to the record of the started run, by pg_stat_statements: of events that come alone, and of ${burst} at once, which share them.`,
    ],
    headings: ['what', 'for each event'],
    rows: [
      ...measuredTables.map((table) => [`bytes in ${table}`, rounded(bytes[table])]),
      ['statements, alone', rounded(alone)],
      ['statements, many at once', rounded(together)],
    ],
    targets: [
      { what: 'Bytes in events', measured: bytes.events, unit: '', atMost: 1_200 },
      { what: 'Statements of an event that comes alone', measured: alone, unit: '', atMost: 3 },
    ],
  };
}
