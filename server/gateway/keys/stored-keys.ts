import type { Logger } from 'pino';
import type { Database } from '../../../storage/database.ts';
import { withDeadline } from '../../../storage/with-deadline.ts';
import { maxKeyBytes } from './fetch-key.ts';
import { mostProvenKeys } from '../../../storage/retention-subjects.ts';
import type { KnownKeys, ProvenKey } from './known-keys.ts';

const writeEveryMs = 5_000;
/** What other processes have found out. */
const readEveryMs = 60_000;
const lastWriteMs = 2_000;

interface StoredKeys {
  /** Reads the stored keys, and from then on keeps the table and the memory alike. Never rejects. */
  start(): Promise<void>;
  /** Writes once more, if the database answers within two seconds. */
  stop(): Promise<void>;
}

/**
 * Keeps proven keys in the table `gateway_keys`, so that a restart or another process need not fetch them. No request waits for it:
 * without the database, keys stay in memory.
 */
export function keepStoredKeys(deps: {
  keys: Pick<KnownKeys, 'load' | 'takeChanged'>;
  database: Database;
  log: Pick<Logger, 'warn'>;
}): StoredKeys {
  const { keys, database, log } = deps;
  const timers: NodeJS.Timeout[] = [];
  let unwritten = new Map<string, ProvenKey>();
  let writing: Promise<void> | null = null;

  async function read(): Promise<void> {
    try {
      keys.load(await readStoredKeys(database));
    } catch (error) {
      log.warn({ err: error }, 'stored keys cannot be read yet');
    }
  }

  async function writeChanged(): Promise<void> {
    for (const key of keys.takeChanged()) unwritten.set(key.address, key);
    const written = unwritten;
    unwritten = new Map();
    try {
      await writeStoredKeys(database, [...written.values()]);
    } catch (error) {
      unwritten = new Map([...written, ...unwritten]);
      log.warn({ err: error }, 'fetched keys are not stored yet');
    }
  }

  /** One at a time. */
  function write(): Promise<void> {
    writing ??= writeChanged().finally(() => {
      writing = null;
    });
    return writing;
  }

  return {
    async start() {
      await read();
      timers.push(
        setInterval(() => void write(), writeEveryMs),
        setInterval(() => void read(), readEveryMs),
      );
    },
    async stop() {
      timers.forEach((timer) => clearInterval(timer));
      await withDeadline(write().then(write), lastWriteMs, 'The database').catch((error: unknown) => {
        log.warn({ err: error }, 'the last fetched keys are not stored');
      });
    },
  };
}

const selectSql = `
  select address, key as text, fetched_at as "fetchedAt", verified_at as "verifiedAt"
  from gateway_keys order by verified_at desc limit $1`;

/** Leaves out what no process of this version would have written. */
async function readStoredKeys(database: Database): Promise<ProvenKey[]> {
  const rows = await database.run<{ address: string; text: string | null; fetchedAt: Date; verifiedAt: Date }>(
    'gateway-keys-select',
    selectSql,
    [mostProvenKeys],
  );
  return rows
    .map((row) => ({ ...row, fetchedAt: timeOf(row.fetchedAt), verifiedAt: timeOf(row.verifiedAt) }))
    .filter(({ text, fetchedAt, verifiedAt }) => Number.isFinite(fetchedAt + verifiedAt) && !isTooLong(text));
}

function timeOf(instant: Date | string): number {
  return new Date(instant).getTime();
}

function isTooLong(text: string | null): boolean {
  return text !== null && Buffer.byteLength(text) > maxKeyBytes;
}

/** The later fact counts, whichever process has written it first. */
const upsertSql = `
  insert into gateway_keys (address, key, fetched_at, verified_at)
  select address, text, to_timestamp("fetchedAt" / 1000.0), to_timestamp("verifiedAt" / 1000.0)
  from json_to_recordset($1::json) as row (address text, text text, "fetchedAt" float8, "verifiedAt" float8)
  on conflict (address) do update set
    key = case when excluded.fetched_at >= gateway_keys.fetched_at then excluded.key else gateway_keys.key end,
    fetched_at = greatest(excluded.fetched_at, gateway_keys.fetched_at),
    verified_at = greatest(excluded.verified_at, gateway_keys.verified_at)`;

const deleteSql = `
  delete from gateway_keys where address in (
    select address from gateway_keys order by verified_at desc offset $1 for update skip locked)`;

/** Keeps the keys that have verified something last. All processes lock the rows in one order. */
async function writeStoredKeys(database: Database, keys: readonly ProvenKey[]): Promise<void> {
  if (keys.length === 0) return;
  const sorted = [...keys].sort((one, other) => (one.address < other.address ? -1 : 1));
  // PostgreSQL has no text with a NUL. No key has one either.
  const rows = sorted.filter(({ text }) => text?.includes('\0') !== true);
  await database.run('gateway-keys-upsert', upsertSql, [JSON.stringify(rows)]);
  await database.run('gateway-keys-delete', deleteSql, [mostProvenKeys]);
}
