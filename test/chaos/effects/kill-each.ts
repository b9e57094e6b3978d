import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { packagePath } from '../../../package-path.ts';
import type { Database } from '../../../storage/database.ts';
import { openPGlite } from '../../../storage/open-pglite.ts';
import { openPostgres } from '../../../storage/open-postgres.ts';
import { migrateProject } from '../../../storage/project/migrate-project.ts';
import type { Migration } from '../../../storage/project/read-migrations.ts';
import { startPostgres } from '../../services/postgres.ts';
import type { KilledAnswer, KilledTask, KillPoint } from './killed-process.ts';

/** What became of the attempts that were killed at one point. */
export interface KillTally {
  at: KillPoint;
  /** Processes that were killed there with SIGKILL, each amid an attempt of its own. */
  kills: number;
  /** Of those, the ones that left no row, and the ones that left one. */
  leftNone: number;
  leftOne: number;
  /** Keys that have one row after the repeat, whose id the repeat has returned. */
  once: number;
}

export interface KillReport {
  tallies: KillTally[];
  /** All rows that the attempts have written, and all results that are kept. */
  effects: number;
  results: number;
}

const points: readonly KillPoint[] = ['effect', 'record', 'commit'];

const ledger: Migration = {
  name: '0001_ledger.sql',
  path: 'migrations/0001_ledger.sql',
  sql: 'create table ledger (id int generated always as identity primary key, key text not null)',
  checksum: 'ledger',
};

/**
 * Kills a process amid an attempt of an own database activity, `kills` times, each time at the next point. Another process opens the same
 * database then and makes the attempt again, as Temporal would have a worker do.
 */
export async function killEach(
  kind: Database['kind'],
  { kills, report }: { kills: number; report: (line: string) => void },
): Promise<KillReport> {
  const program = await bundleProgram();
  const world = await (kind === 'postgres' ? postgresWorld() : pgliteWorld());
  try {
    await withDatabase(world.open, (database) => migrateProject(database, [ledger]));
    const outcomes: { at: KillPoint; repeated: NonNullable<KilledAnswer['repeated']> }[] = [];
    let before: KilledTask['next'] = null;
    for (let kill = 0; kill <= kills; kill += 1) {
      const next = kill === kills ? null : { key: `kill/${kill}`, at: points[kill % points.length] ?? 'effect' };
      const { repeated } = await runProcess(program.file, { database: world.place, repeat: before?.key ?? null, next });
      if (before !== null && repeated !== null) outcomes.push({ at: before.at, repeated });
      before = next;
      if (kill > 0 && kill % 50 === 0) report(`${kind}: ${kill} of ${kills} kills`);
    }
    const tallies = points.map((at) =>
      tallyOf(
        at,
        outcomes.filter((outcome) => outcome.at === at),
      ),
    );
    return { tallies, ...(await withDatabase(world.open, countAll)) };
  } finally {
    await world.end();
    await program.remove();
  }
}

function tallyOf(at: KillPoint, outcomes: { repeated: NonNullable<KilledAnswer['repeated']> }[]): KillTally {
  const count = (holds: (repeated: NonNullable<KilledAnswer['repeated']>) => boolean) =>
    outcomes.filter(({ repeated }) => holds(repeated)).length;
  return {
    ...{ at, kills: outcomes.length },
    ...{ leftNone: count(({ left }) => left === 0), leftOne: count(({ left }) => left === 1) },
    once: count(({ ids, told }) => ids.length === 1 && ids[0] === told),
  };
}

/** A process for each kill has to start fast, so its program is one file, in the package, since it reads the package's files. */
async function bundleProgram(): Promise<{ file: string; remove: () => Promise<void> }> {
  await mkdir(packagePath('dist'), { recursive: true });
  const folder = await mkdtemp(packagePath('dist', 'kills-'));
  const file = join(folder, 'killed-process.mjs');
  const js = `import { createRequire as requireFor } from 'node:module';
const require = requireFor(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;
  await build({
    ...{ entryPoints: [fileURLToPath(new URL('./killed-process.ts', import.meta.url))], outfile: file },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20.19', logLevel: 'error' },
    // It finds its files beside itself; the other is optional.
    external: ['@electric-sql/pglite', 'pg-native'],
    banner: { js },
  });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Kills the process as soon as it says that the attempt has come to its point. Throws if it ends in another way. */
async function runProcess(file: string, task: KilledTask): Promise<KilledAnswer> {
  const killed = fork(file, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let errors = '';
  killed.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(killed, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  killed.send(task);
  const answer = await Promise.race([
    once(killed, 'message').then(([message]) => message as KilledAnswer),
    ended.then(() => null),
  ]);
  if (answer !== null && answer.at !== null) killed.kill('SIGKILL');
  const [code, signal] = await ended;
  const expected = task.next === null ? code === 0 : signal === 'SIGKILL' && answer?.at === task.next.at;
  if (answer === null || !expected) throw new Error(`The process ended with ${signal ?? code}:\n${errors}`);
  return answer;
}

interface World {
  place: KilledTask['database'];
  open: () => Promise<Database>;
  end: () => Promise<void>;
}

async function postgresWorld(): Promise<World> {
  const server = await startPostgres();
  const url = await server.createDatabase('kills');
  return {
    place: { url },
    open: () => openPostgres(url, { connections: 2, onError: () => undefined }),
    end: () => server.stop(),
  };
}

async function pgliteWorld(): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'kait-kills-'));
  const place = { folder: join(home, 'database') };
  return {
    place,
    open: () => openPGlite(place),
    end: () => rm(home, { recursive: true, force: true }),
  };
}

async function withDatabase<Result>(
  open: () => Promise<Database>,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await open();
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function countAll(database: Database): Promise<Pick<KillReport, 'effects' | 'results'>> {
  const sql = `select (select count(*) from project.ledger)::int as effects, (select count(*) from activity_results)::int as results`;
  const [counts] = await database.run<{ effects: number; results: number }>('counts', sql, []);
  return { effects: counts?.effects ?? 0, results: counts?.results ?? 0 };
}
