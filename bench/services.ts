import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCleanup, type Cleanup } from '../cli/compose/cleanup.ts';
import { findFreePort } from '../embedded/free-port.ts';
import { obtainTemporalCli } from '../embedded/obtain-temporal-cli.ts';
import { startTemporalServer, type EmbeddedTemporal } from '../embedded/temporal-server.ts';
import { startPostgres, type PostgresServer } from '../test/services/postgres.ts';

/** The servers that all measurements share, so that both sides of each comparison use the same ones. */
export interface Services {
  /** Everything is written below it; deleted at the end. */
  folder: string;
  /** Started as `kait up` starts it. */
  temporal: EmbeddedTemporal;
  /** With fsync: an acknowledged webhook is on disk. */
  postgres: PostgresServer;
  stop(): Promise<void>;
}

export async function startServices(report: (line: string) => void): Promise<Services> {
  const cleanup = createCleanup();
  try {
    return await start(report, cleanup);
  } catch (error) {
    await cleanup.run().catch(() => undefined); // The first error matters more.
    throw error;
  }
}

async function start(report: (line: string) => void, cleanup: Cleanup): Promise<Services> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const cliPath = await obtainTemporalCli({ environment: process.env, fallbackFolder: join(folder, 'cache'), report });
  const port = await findFreePort();
  const temporal = await startTemporalServer({ cliPath, folder: join(folder, 'temporal'), port, report });
  cleanup.add(() => temporal.stop());
  report('Starting PostgreSQL');
  const postgres = await startPostgres();
  cleanup.add(() => postgres.stop());
  return { folder, temporal, postgres, stop: () => cleanup.run() };
}
