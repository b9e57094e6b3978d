import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { findFreePort } from '../../../embedded/free-port.ts';
import { startTemporalServer } from '../../../embedded/temporal-server.ts';
import { packagePath } from '../../../package-path.ts';
import { createStartRun, workflowIdOf } from '../../../server/start-run.ts';
import { openInstallation } from '../../../storage/installation.ts';
import { openPostgres } from '../../../storage/open-postgres.ts';
import { migrateProject } from '../../../storage/project/migrate-project.ts';
import { readMigrations } from '../../../storage/project/read-migrations.ts';
import { sampleEvent } from '../../server/sample-event.ts';
import { startPostgres } from '../../services/postgres.ts';
import { createKaitProcess, type KaitProcess } from '../kait-process.ts';
import { type HoldAt, type HoldProxy, startHoldProxy } from './hold-proxy.ts';

export interface KillOptions {
  /** The executable of the Temporal CLI. */
  cliPath: string;
  /** Each is killed once, at its moment, with all of its runs there. */
  rounds: readonly HoldAt[];
  runsPerRound: number;
  report: (line: string) => void;
}

/** What became of the attempts that were killed at one moment. */
export interface KillCount {
  at: HoldAt;
  killed: number;
  /** Rows that the activity has written: as many as `killed`, if each effect has happened once. */
  effects: number;
  /** Keys with another number of rows than one. */
  wrong: number;
  /** Runs whose result is that of the row. */
  completed: number;
}

/** The activity tells its row's id, so that a repeated effect would also show in the run's result. */
const files: Record<string, string> = {
  'migrations/0001_ledger.sql':
    'create table ledger (id int generated always as identity primary key, event text not null);',
  'definitions/sources.json': '{}',
  'activities/ledger.ts': `import { defineActivity, z } from 'kait';

export default defineActivity({
  name: 'ledger.add', title: 'Add to the ledger', kind: 'database',
  input: z.strictObject({ event: z.string() }), output: z.object({ id: z.int() }),
  async run({ event }, { sql }) {
    const [row] = await sql\`insert into ledger (event) values (\${event}) returning id\`;
    return { id: row.id };
  },
});
`,
};

const definition = {
  name: 'ledger',
  on: { event: 'payment.succeeded' },
  steps: [{ id: 'add', call: 'ledger.add', with: { event: '{{event.id}}' } }],
  output: { id: '{{steps.add.id}}' },
};

const holdLimitMs = 120_000;

/**
 * Kills a real `kait worker` with SIGKILL while attempts of an own database activity are at the same point of their transaction, starts
 * another, and counts the effects once all runs have ended.
 */
export async function killBetween({ cliPath, rounds, runsPerRound, report }: KillOptions): Promise<KillCount[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-kills-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await buildActivities(folder);
    const server = await startPostgres();
    stops.push(() => server.stop());
    const url = await server.createDatabase('kait');
    const database = await openPostgres(url, { connections: 4, onError: () => undefined });
    stops.push(() => database.close());
    await migrateProject(database, await readMigrations(join(folder, 'migrations')));
    const temporal = await startTemporalServer({
      ...{ cliPath, folder, port: await findFreePort(), ui: null, report },
    });
    stops.push(() => temporal.stop());
    const connection = await Connection.connect({ address: temporal.address });
    stops.push(() => connection.close());
    const client = new Client({ connection, namespace: temporal.namespace });
    const installation = await openInstallation(database, 'kait-kills');
    const startRun = createStartRun({ client, installation, eager: false, usableAttributes: () => new Set() });
    const proxy = await startHoldProxy({ port: Number(new URL(url).port), table: 'ledger' });
    stops.push(() => proxy.close());
    const worker = createKaitProcess({
      name: 'worker',
      command: 'worker',
      folder,
      environment: {
        ...{ PATH: process.env.PATH ?? '', HOME: folder, NODE_ENV: 'production', TEMPORAL_ADDRESS: temporal.address },
        ...{ TEMPORAL_NAMESPACE: temporal.namespace, KAIT_INSTALLATION: installation.id },
        DATABASE_URL: Object.assign(new URL(url), { port: String(proxy.port) }).href,
        DATABASE_CONNECTIONS: String(runsPerRound + 10),
      },
      readyText: 'worker is up',
      onUnaskedExit: ({ how, output }) => report(`the worker ended by itself: ${how}\n${output}`),
    });
    stops.push(() => worker.stop());
    await worker.start();
    await worker.untilReady();
    const counts: KillCount[] = [];
    for (const [round, at] of rounds.entries()) {
      const ids = Array.from({ length: runsPerRound }, (_each, index) => `evt_${round}_${index}`);
      proxy.holdAt(at);
      await Promise.all(
        ids.map((id) =>
          startRun({
            definition,
            definitionHash: '0'.repeat(64),
            event: sampleEvent({ id }),
            localActivities: ['ledger.add'],
          }),
        ),
      );
      await untilHeld(proxy, runsPerRound, at);
      await killAndReplace(worker, proxy);
      const results = await Promise.all(
        ids.map((id) =>
          client.workflow.getHandle(workflowIdOf(installation.id, 'ledger', sampleEvent({ id }))).result(),
        ),
      );
      const rows = await database.run<{ event: string; id: number }>(
        'ledger-rows',
        `select event, id from project.ledger where event like $1 order by id`,
        [`evt\\_${round}\\_%`],
      );
      const wrong = ids.filter((id) => rows.filter(({ event }) => event === id).length !== 1).length;
      const completed = ids.filter((id, index) =>
        rows.some((row) => row.event === id && row.id === (results[index] as { id: number }).id),
      );
      counts.push({ at, killed: runsPerRound, effects: rows.length, wrong, completed: completed.length });
      report(
        `round ${round + 1} of ${rounds.length}, ${at}: ${runsPerRound} killed, ${rows.length} effects, ${wrong} wrong`,
      );
    }
    return counts;
  } finally {
    for (const stop of stops.reverse()) await stop().catch((error: unknown) => report(String(error)));
  }
}

/** As a deployment does. The project has this Kait installed. */
async function buildActivities(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules'));
  await symlink(packagePath(), join(folder, 'node_modules', 'kait'));
  const environment = { PATH: process.env.PATH ?? '', HOME: folder };
  await promisify(execFile)(process.execPath, [packagePath('bin', 'kait.js'), 'build'], {
    cwd: folder,
    env: environment,
  });
}

async function untilHeld(proxy: HoldProxy, expected: number, at: HoldAt): Promise<void> {
  for (let waitedMs = 0; proxy.held() < expected; waitedMs += 20) {
    if (waitedMs > holdLimitMs) throw new Error(`Only ${proxy.held()} of ${expected} attempts have come to ${at}`);
    await pause(20);
  }
}

async function killAndReplace(worker: KaitProcess, proxy: HoldProxy): Promise<void> {
  await worker.kill();
  proxy.holdAt(null);
  await worker.start();
  await worker.untilReady();
}
