import { z } from 'zod';
import { defineActivity } from '../../../activities/own/define-activity.ts';
import { openPGlite } from '../../../storage/open-pglite.ts';
import { openPostgres } from '../../../storage/open-postgres.ts';
import type { Database, Transaction } from '../../../storage/database.ts';
import { callActivity } from '../../../testing/call-activity.ts';
import { sampleEvent } from '../../server/sample-event.ts';

/**
 * Where an attempt is when its process is killed: `effect`, after the effect's statement; `record`, after the result was stored beside it,
 * before the commit; `commit`, after both were committed, before anybody was told.
 */
export type KillPoint = 'effect' | 'record' | 'commit';

/** What a process is to do: repeat the attempt that was killed, and then be killed itself amid the next one. */
export interface KilledTask {
  database: { url: string } | { folder: string };
  /** The key of the attempt that was killed, if there was one. */
  repeat: string | null;
  /** Null for the last process, which ends by itself. */
  next: { key: string; at: KillPoint } | null;
}

/** What it tells before it is killed. */
export interface KilledAnswer {
  repeated: {
    /** Rows of the key, as the kill has left them. */
    left: number;
    /** The ids of its rows after the repeat. */
    ids: number[];
    /** What the repeat has returned. */
    told: number;
  } | null;
  /** The point that the next attempt has come to. It waits there forever. */
  at: KillPoint | null;
}

process.once('message', (task) => void run(task as KilledTask)); // The parent sends nothing else.

async function run({ database: place, repeat, next }: KilledTask): Promise<void> {
  const database = await open(place);
  const repeated = repeat === null ? null : await repeatAttempt(database, repeat);
  if (next === null) {
    await database.close();
    await tell({ repeated, at: null });
    process.disconnect();
    return;
  }
  const hold = async (at: KillPoint) => {
    if (at !== next.at) return;
    await tell({ repeated, at });
    await new Promise(() => undefined);
  };
  await attempt(holdingAtRecord(database, hold), next.key, hold);
  await hold('commit');
}

function open(place: KilledTask['database']): Promise<Database> {
  if ('folder' in place) return openPGlite(place);
  return openPostgres(place.url, { connections: 2, onError: () => undefined });
}

async function repeatAttempt(database: Database, key: string): Promise<KilledAnswer['repeated']> {
  const left = (await idsOf(database, key)).length;
  const { id } = (await attempt(database, key, () => Promise.resolve())) as { id: number };
  return { left, ids: await idsOf(database, key), told: id };
}

async function idsOf(database: Database, key: string): Promise<number[]> {
  const rows = await database.run<{ id: number }>('ids', 'select id from project.ledger where key = $1 order by id', [
    key,
  ]);
  return rows.map(({ id }) => id);
}

/** As a worker makes it. */
function attempt(database: Database, key: string, hold: (at: KillPoint) => Promise<void>) {
  const activity = defineActivity({
    ...{ name: 'ledger.add', title: 'Add to the ledger', kind: 'database' },
    ...{ input: z.strictObject({}), output: z.strictObject({ id: z.int() }) },
    async run(_input, { sql, idempotencyKey }) {
      const [row] = await sql<{ id: number }>`insert into ledger (key) values (${idempotencyKey}) returning id`;
      await hold('effect');
      return { id: row!.id };
    },
  });
  return callActivity({ database }, activity, {
    ...{ input: {}, idempotencyKey: key, attempt: 1, event: sampleEvent(), secrets: {} },
  });
}

function holdingAtRecord(database: Database, hold: (at: KillPoint) => Promise<void>): Database {
  const held = (transaction: Transaction): Transaction => ({
    async query<Row>(sql: string, values?: Parameters<Transaction['query']>[1]) {
      const rows = await transaction.query<Row>(sql, values);
      if (sql.includes('update activity_results set output')) await hold('record');
      return rows;
    },
  });
  return { ...database, transact: (work, limits) => database.transact((inner) => work(held(inner)), limits) };
}

function tell(answer: KilledAnswer): Promise<void> {
  return new Promise((resolve) => process.send?.(answer, () => resolve()));
}
