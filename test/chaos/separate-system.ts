import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startTemporalServer, type EmbeddedTemporal } from '../../embedded/temporal-server.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { type PostgresServer, startPostgres } from '../services/postgres.ts';
import { createKaitProcess } from './kait-process.ts';
import { pickPort } from './pick-port.ts';
import {
  adminToken,
  kaitEnvironment,
  type System,
  type SystemOptions,
  type UnaskedExit,
  type Victim,
} from './system.ts';

export interface SeparateSystem extends System {
  postgres: Pick<PostgresServer, 'halt' | 'resume'>;
}

/** `kait server`, `kait worker` and Temporal as processes of their own, over a private PostgreSQL that is not killed. */
export async function startSeparateSystem(options: SystemOptions): Promise<SeparateSystem> {
  const postgres = await startPostgres({ port: await pickPort() });
  const unaskedExits: UnaskedExit[] = [];
  const ports = { receiver: await pickPort(), admin: await pickPort() };
  const temporal = await createTemporal(options, unaskedExits);
  const url = await postgres.createDatabase('kait');
  const environment = {
    ...kaitEnvironment(options, ports),
    DATABASE_URL: url,
    TEMPORAL_ADDRESS: temporal.address,
  };
  const kait = ['server', 'worker'].map((name) =>
    createKaitProcess({
      name,
      command: name,
      environment,
      folder: options.folder,
      readyText: `${name} is up`,
      onUnaskedExit: (exit) => unaskedExits.push(exit),
    }),
  );
  const victims = [temporal, ...kait];
  return {
    receiverUrl: `http://127.0.0.1:${ports.receiver}`,
    admin: { url: `http://127.0.0.1:${ports.admin}`, token: adminToken },
    victims,
    postgres,
    unaskedExits,
    temporalAddress: () => temporal.address,
    stopKait: async () => {
      await Promise.all(kait.map((each) => each.stop()));
    },
    openDatabase: () => openPostgres(url, { connections: 2, onError: () => undefined }),
    stop: async () => {
      await Promise.all(victims.map((victim) => victim.kill()));
      await postgres.stop();
    },
  };
}

/** The loop of an `order-parcels` makes some 120 events, so that it continues as new at least once. */
const extraConfig = ['limit.historyCount.suggestContinueAsNew=50'];

/** Temporal's dev server; its state is a file, which outlives it. */
async function createTemporal(
  { cliPath, folder }: SystemOptions,
  unaskedExits: UnaskedExit[],
): Promise<Victim & { address: string }> {
  const port = await pickPort();
  const state = join(folder, 'temporal');
  await mkdir(state);
  let present: EmbeddedTemporal | undefined;
  const killed = new Set<EmbeddedTemporal>();
  return {
    name: 'temporal',
    address: `127.0.0.1:${port}`,
    async start() {
      const server = await startTemporalServer({ cliPath, folder: state, port, extraConfig, report: () => undefined });
      present = server;
      void server.exited.then(({ code, signal }) => {
        const how = signal ?? `code ${code ?? 'unknown'}`;
        if (!killed.has(server)) unaskedExits.push({ victim: 'temporal', how, output: join(state, 'temporal.log') });
      });
    },
    untilReady: () => Promise.resolve(), // `start` has waited for it.
    async kill() {
      if (present === undefined || killed.has(present)) return;
      killed.add(present);
      process.kill(present.pid, 'SIGKILL');
      await present.exited;
    },
  };
}
