import { join } from 'node:path';
import { endLeftoverServer, readTemporalRecord } from '../../embedded/temporal-record.ts';
import { openPGlite } from '../../storage/open-pglite.ts';
import { createKaitProcess } from './kait-process.ts';
import { pickPort } from './pick-port.ts';
import { adminToken, kaitEnvironment, type System, type SystemOptions, type UnaskedExit } from './system.ts';

/**
 * `kait up`: PGlite and everything else in one process. A kill leaves its Temporal behind, which the next start has to end
 * before it starts its own on the same state.
 */
export async function startTogetherSystem(options: SystemOptions): Promise<System> {
  const unaskedExits: UnaskedExit[] = [];
  const ports = { receiver: await pickPort(), admin: await pickPort() };
  const home = join(options.folder, 'home');
  const kait = createKaitProcess({
    name: 'kait',
    command: 'up',
    environment: { ...kaitEnvironment(options, ports), KAIT_HOME: home, TEMPORAL_CLI_PATH: options.cliPath },
    folder: options.folder,
    readyText: 'Where to look',
    onUnaskedExit: (exit) => unaskedExits.push(exit),
  });
  const temporalRecord = () => readTemporalRecord(join(home, 'temporal.json'));
  return {
    receiverUrl: `http://127.0.0.1:${ports.receiver}`,
    admin: { url: `http://127.0.0.1:${ports.admin}`, token: adminToken },
    victims: [kait],
    unaskedExits,
    temporalAddress() {
      const record = temporalRecord();
      if (record === undefined) throw new Error('kait up has started no Temporal yet');
      return `127.0.0.1:${record.port}`;
    },
    stopKait: () => kait.stop(),
    openDatabase: () => openPGlite({ folder: join(home, 'database') }),
    async stop() {
      await kait.kill();
      const record = temporalRecord();
      if (record !== undefined) await endLeftoverServer(record);
    },
  };
}
