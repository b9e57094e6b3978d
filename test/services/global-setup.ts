import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { TestProject } from 'vitest/node';
import { buildOnce } from './build-once.ts';
import { findFreePort } from '../../embedded/free-port.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { startTemporalServer } from '../../embedded/temporal-server.ts';
import { migrationsFolder } from '../../storage/database.ts';
import { readPrepared } from '../../storage/prepared-database.ts';

/** The one Temporal server of a test run; `inject('temporal')` gets it. Tests keep apart by task queue and workflow id. */
export interface TemporalForTests {
  address: string;
  namespace: string;
  /** The executable, for tests that start a server of their own. */
  cliPath: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    temporal: TemporalForTests;
    /** A file that holds an empty PGlite with Kait's tables: see `open-test-database.ts`. */
    databaseSnapshot: string;
  }
}

/** Its clock skips waits where a workflow is started with `timeSkippingConfig`; other workflows see real time. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-temporal-'));
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  // A signal that nobody handles would leave the server behind; an exit ends it.
  const exit = (): void => process.exit(1);
  process.once('SIGTERM', exit).once('SIGHUP', exit);
  await buildOnce(); // For the tests that start `kait`.
  const cliPath = await obtainTemporalCli({ environment: process.env, fallbackFolder: join(folder, 'cache'), report });
  const server = await startTemporalServer({
    cliPath,
    folder,
    port: await findFreePort(),
    ui: null,
    extraConfig: ['frontend.WorkflowTimeSkippingEnabled=true'],
    report,
  });
  const { address, namespace } = server;
  project.provide('temporal', { address, namespace, cliPath });
  const snapshotFile = join(folder, 'database.tar');
  await writeFile(snapshotFile, await emptyDatabase());
  project.provide('databaseSnapshot', snapshotFile);
  return async () => {
    process.off('SIGTERM', exit).off('SIGHUP', exit);
    await server.stop();
    await rm(folder, { recursive: true });
  };
}

async function emptyDatabase(): Promise<Uint8Array> {
  const prepared = await readPrepared();
  const client = await PGlite.create(prepared === null ? {} : { loadDataDir: new Blob([new Uint8Array(prepared)]) });
  await migrate(drizzle(client), { migrationsFolder });
  const dump = await client.dumpDataDir('none');
  await client.close();
  return new Uint8Array(await dump.arrayBuffer());
}
