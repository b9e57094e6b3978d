import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createCatalogue } from '../../activities/catalogue.ts';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import type { Definition, RunInput } from '../../language/definition.ts';
import { packagePath } from '../../package-path.ts';
import { createInbox } from '../../server/inbox.ts';
import { ensureSearchAttributes } from '../../server/search-attributes.ts';
import { createStartRun } from '../../server/start-run.ts';
import type { Database } from '../../storage/database.ts';
import { openInstallation } from '../../storage/installation.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { cpuSecondsOf, memoryMbOf, peakMemoryMbOf } from '../process-cost.ts';
import { rounded, type Report } from '../report.ts';
import type { Services } from '../services.ts';
import { paidEvent } from '../stripe-payments.ts';

const runs = 10_000;
const startsAtOnce = 32;
/** For as long as no run has begun to wait in the meantime, something is wrong. */
const stallMs = 300_000;
const lookEveryMs = 500;

interface Waiting {
  waiting: number;
  memoryMb: number;
}

/** What a `kait worker` with its default settings, as it was built, needs for runs that all wait for an event. */
export async function measureWaitingMemory(
  services: Services,
  { report }: { report: (line: string) => void },
): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const url = await services.postgres.createDatabase('waiting_memory');
    const database = await openPostgres(url, { connections: 4, onError: () => undefined });
    cleanup.add(() => database.close());
    const pid = await startKaitWorker(services, url, cleanup);
    const connection = await Connection.connect({ address: services.temporal.address });
    cleanup.add(() => connection.close());
    await ensureSearchAttributes(connection, 'default');
    const seen = await startRuns(database, new Client({ connection }), pid, report);
    return reportOf(seen, pid);
  } finally {
    await cleanup.run();
  }
}

/** Resolves to the process, which ends with the bench. */
async function startKaitWorker({ folder, temporal }: Services, databaseUrl: string, cleanup: Cleanup): Promise<number> {
  const home = join(folder, 'waiting');
  await mkdir(home);
  const worker = spawn(process.execPath, [packagePath('bin', 'kait.js'), 'worker'], {
    env: { ...process.env, KAIT_HOME: home, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporal.address },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(worker, 'exit');
  const log = createWriteStream(join(home, 'worker.log'));
  worker.stdout.pipe(log);
  worker.stderr.pipe(log);
  cleanup.add(async () => {
    worker.kill('SIGTERM');
    await exited;
  });
  if (worker.pid === undefined) throw new Error('kait worker did not start');
  return worker.pid;
}

/** Resolves to the worker's memory as the number of waiting runs grew. */
async function startRuns(
  database: Database,
  client: Client,
  pid: number,
  report: (line: string) => void,
): Promise<Waiting[]> {
  const startRun = createStartRun({ client, installation: await openInstallation(database, null), eager: false });
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const localActivities = createCatalogue().localNames;
  const numbers = Array.from({ length: runs }, (_, index) => index).values();
  const lane = async () => {
    for (const number of numbers) {
      const event = paidEvent(`waiting_${number}`);
      const body = { bytes: Buffer.from('{}'), contentType: 'application/json', headers: null };
      const kept = { state: 'pending', lastError: null, holdMs: 0, endsHold: false, item: 0 } as const;
      await inbox.store({ ...kept, event, body });
      const input: RunInput = { definition, definitionHash: '0'.repeat(64), event, localActivities };
      const outcome = await startRun(input);
      if (outcome.kind !== 'started') throw new Error(`A run did not start: ${JSON.stringify(outcome)}`);
    }
  };
  const starting = Promise.all(Array.from({ length: startsAtOnce }, lane));
  const [seen] = await Promise.all([watch(database, pid, report), starting]);
  return seen;
}

async function watch(database: Database, pid: number, report: (line: string) => void): Promise<Waiting[]> {
  const seen: Waiting[] = [{ waiting: 0, memoryMb: memoryMbOf(pid) }];
  const sql = 'select count(distinct workflow_id)::int as waiting from waits';
  let movedAt = performance.now();
  for (;;) {
    await pause(lookEveryMs);
    const [{ waiting } = { waiting: 0 }] = await database.run<{ waiting: number }>('bench-waiting', sql, []);
    const last = seen.at(-1)?.waiting ?? 0;
    if (waiting > last) movedAt = performance.now();
    else if (performance.now() - movedAt > stallMs) throw new Error(`Only ${waiting} of ${runs} runs wait`);
    if (waiting - last < runs / 10 && waiting < runs) continue;
    seen.push({ waiting, memoryMb: memoryMbOf(pid) });
    report(`${waiting} runs wait: ${rounded(memoryMbOf(pid))} MB, ${rounded(peakMemoryMbOf(pid))} MB at most`);
    if (waiting >= runs) return seen;
  }
}

const definition: Definition = {
  name: 'wait-for-refund',
  on: { event: 'payment.succeeded' },
  steps: [
    {
      id: 'refunded',
      waitFor: 'payment.refunded',
      match: { 'event.payment.id': '{{event.payment.id}}' },
      timeout: '30d',
    },
  ],
};

function reportOf(seen: Waiting[], pid: number): Report {
  return {
    title: `waiting: the memory of a worker whose ${runs} runs wait for an event`,
    notes: [
      '`kait worker` as it was built, with its default settings and PostgreSQL. Resident memory, the SDK’s threads included.',
      `It used ${rounded((cpuSecondsOf(pid) * 1_000) / runs)} ms of CPU for each run until it waited.`,
    ],
    headings: ['runs that wait', 'MB'],
    rows: seen.map(({ waiting, memoryMb }) => [waiting, rounded(memoryMb)]),
    targets: [{ what: 'Most memory', measured: peakMemoryMbOf(pid), unit: ' MB', atMost: 600 }],
  };
}
