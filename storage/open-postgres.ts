import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { type Database, migrationsFolder } from './database.ts';
import { transactInPostgres } from './postgres-transaction.ts';
import * as schema from './schema.ts';
import { withDeadline } from './with-deadline.ts';

/** An arbitrary number that all Kait processes share, so that only one migrates at a time. */
const migrationLock = 5_248_001;

/**
 * By default, prepared statements keep the plan of their first executions. If the table was empty then, the plan reads all of it, and
 * gets slower with every row until statistics are gathered.
 */
const planEachTime = '-c plan_cache_mode=force_custom_plan';

/**
 * Planning the statement that stores events takes as long as storing ten of them. Do not turn sequential scans off here: that makes the plan
 * so expensive on paper that PostgreSQL compiles it each time, which takes a second.
 */
const planOnce = '-c plan_cache_mode=force_generic_plan';
/** As many commits as the inbox has under way. */
const urgentConnections = 2;
/** With fewer, the rest would wait for each other. */
const fewestForUrgent = 6;

/**
 * Connects to PostgreSQL and migrates its schema. Safe to run in several processes at once. `connections` is the most that it opens. Of
 * six or more, two are for urgent statements, which thus wait for no others. Rejects with the driver's error if the server cannot be reached.
 */
export async function openPostgres(
  url: string,
  options: { connections: number; onError: (error: Error) => void },
): Promise<Database> {
  const hasUrgent = options.connections >= fewestForUrgent;
  const pool = createPool(url, options.connections - (hasUrgent ? urgentConnections : 0), planEachTime, options);
  const urgent = hasUrgent ? createPool(url, urgentConnections, planOnce, options) : pool;
  const orm = drizzle(pool, { schema });
  try {
    await migrateAlone(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    kind: 'postgres',
    orm,
    run: async <Row>(name: string, sql: string, values: unknown[], how?: { urgent?: boolean }) => {
      const result = await (how?.urgent === true ? urgent : pool).query({ name, text: sql, values });
      return result.rows as Row[]; // The caller names the columns of its own statement.
    },
    transact: (work, limits) => transactInPostgres(pool, work, limits),
    ping: async (timeoutMs) => {
      await withDeadline(pool.query('select 1'), timeoutMs, 'PostgreSQL');
    },
    failed: null,
    close: async () => {
      if (hasUrgent) await urgent.end();
      await pool.end();
    },
  };
}

/** Connections are opened when they are needed. */
function createPool(
  url: string,
  max: number,
  settings: string,
  { onError }: { onError: (error: Error) => void },
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    application_name: 'kait',
    options: settings,
    keepAlive: true,
  });
  // An idle connection that the server closes must not end the process.
  pool.on('error', onError);
  // Nor may one that is in use. Its statement, or the next one, fails.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function migrateAlone(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await migrate(drizzle(client), { migrationsFolder });
    await client.query('select pg_advisory_unlock($1)', [migrationLock]);
    client.release();
  } catch (error) {
    client.release(true); // Closing the session also frees the lock.
    throw error;
  }
}
