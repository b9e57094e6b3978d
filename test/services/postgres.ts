import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chown, mkdtemp, open, readFile, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findFreePort } from '../../embedded/free-port.ts';
import { startChild, type ManagedChild } from '../../embedded/managed-child.ts';

export interface PostgresServer {
  /** `postgres://kait@127.0.0.1:<port>/postgres`; the user may do everything. */
  url: string;
  /** The id of the present process, which changes with `resume()`. */
  readonly pid: number;
  /** Creates an empty database and returns its URL, so that tests do not see each other's rows. */
  createDatabase(name: string): Promise<string>;
  /** Ends the server and keeps its files: an outage. */
  halt(): Promise<void>;
  /** Starts it again at the same address, with its data. */
  resume(): Promise<void>;
  /** Ends the server and deletes its files. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** `off` loses data in a power cut and makes every commit cheap: never for a measurement. Default `on`. */
  fsync?: 'on' | 'off';
  /** Counts what is executed, for a measurement. Default false. */
  countsStatements?: boolean;
  /** Default: any free one. A server that is to be halted wants one that nobody else is given meanwhile: `pickPort`. */
  port?: number;
}

const startLimitMs = 30_000;

/**
 * Starts a private PostgreSQL from the machine's own binaries: new files in a temporary folder, a free port on the
 * loopback, no password. It ends with this process at the latest. As root it runs as another user, because PostgreSQL
 * refuses root.
 */
export async function startPostgres({
  fsync = 'on',
  port,
  countsStatements = false,
}: PostgresOptions = {}): Promise<PostgresServer> {
  const binaries = await findBinaries();
  const user = process.getuid?.() === 0 ? await unprivilegedUser() : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'kait-postgres-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const files = join(folder, 'data');
  const initialise = ['-D', files, '-U', 'kait', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(join(binaries, 'initdb'), initialise, { cwd: folder, ...user });
  const installation = { binaries, folder, files, user, fsync, countsStatements, port: port ?? (await findFreePort()) };
  const urlOf = (database: string) => `postgres://kait@127.0.0.1:${installation.port}/${encodeURIComponent(database)}`;
  const start = () => startServer(installation, urlOf('postgres'));
  let child = await start();
  return {
    url: urlOf('postgres'),
    get pid() {
      return child.pid;
    },
    createDatabase: async (name) => {
      await runStatement(urlOf('postgres'), `create database ${pg.escapeIdentifier(name)}`);
      return urlOf(name);
    },
    halt: async () => {
      await child.stop();
    },
    resume: async () => {
      child = await start();
    },
    stop: async () => {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Installation {
  binaries: string;
  folder: string;
  files: string;
  user: { uid: number; gid: number } | undefined;
  fsync: 'on' | 'off';
  countsStatements: boolean;
  port: number;
}

/** Resolves when the server answers. */
async function startServer(
  { binaries, folder, files, user, fsync, countsStatements, port }: Installation,
  url: string,
): Promise<ManagedChild> {
  const logFile = join(folder, 'postgres.log');
  const log = await open(logFile, 'a');
  let child: ManagedChild;
  try {
    child = await startChild({
      command: join(binaries, 'postgres'),
      args: [
        ...['-D', files, '-p', String(port)],
        ...settings({ listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync }),
        ...(countsStatements ? settings({ shared_preload_libraries: 'pg_stat_statements' }) : []),
      ],
      outputFd: log.fd,
      cwd: folder,
      stopSignal: 'SIGINT', // A fast shutdown: connections are closed, nothing is lost.
      ...(user === undefined ? {} : { user }),
    });
  } finally {
    await log.close();
  }
  await untilReady(child, url, logFile);
  return child;
}

/** From PATH, else the newest of Debian's, which are not on PATH. */
async function findBinaries(): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const initdb = join(folder, 'initdb');
    // Behind a link, `postgres` lies beside the file itself.
    if (folder !== '' && (await isExecutable(initdb))) return dirname(await realpath(initdb));
  }
  const debian = '/usr/lib/postgresql';
  const versions = await readdir(debian).catch(() => []);
  const newestFirst = versions.sort((one, other) => Number(other) - Number(one));
  for (const version of newestFirst) {
    const folder = join(debian, version, 'bin');
    if (await isExecutable(join(folder, 'initdb'))) return folder;
  }
  throw new Error('These tests need PostgreSQL. Install it: apt-get install postgresql');
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  if (account === undefined)
    throw new Error('PostgreSQL refuses root, and there is neither a user postgres nor nobody');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

function settings(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function untilReady(child: ManagedChild, url: string, logFile: string): Promise<void> {
  const ended = new AbortController();
  void child.exited.then(() => {
    ended.abort();
  });
  const intervalMs = 50;
  for (let waitedMs = 0; waitedMs < startLimitMs && !ended.signal.aborted; waitedMs += intervalMs) {
    const failure = await runStatement(url, 'select 1').catch((error: unknown) => error ?? new Error('no reason'));
    if (failure === undefined) return;
    await pause(intervalMs);
  }
  await child.stop();
  throw new Error(`PostgreSQL did not start. Its log:\n${await readFile(logFile, 'utf8')}`);
}

async function runStatement(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // The server may end while the client does.
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
