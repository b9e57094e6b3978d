import { setTimeout as pause } from 'node:timers/promises';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { KaitError } from '../errors.ts';
import { openBoundedLog, readLogTail, startChild, type ChildExit, type ManagedChild } from './managed-child.ts';
import { firstFreePort, isPortFree } from './free-port.ts';
import { findHiddenAddress, type HiddenAddress } from './hidden-address.ts';
import { temporalArguments } from './temporal-arguments.ts';
import { endLeftoverServer, readTemporalRecord, writeTemporalRecord, type TemporalRecord } from './temporal-record.ts';

/** The time limit of one readiness check. */
const attemptMs = 1_000;

const preferredPort = 7233;

export interface TemporalServerOptions {
  /** The `temporal` executable: see `obtain-temporal-cli.ts`. */
  cliPath: string;
  /** The data folder. The caller holds its lock. It gets `temporal.db`, `temporal.log` and `temporal.json`. */
  folder: string;
  /** Created if it does not exist. Default `default`. */
  namespace?: string;
  /** The port for gRPC. Default: that of the last start in this folder if it is free, else 7233, else any free port. */
  port?: number;
  /** Where the Web UI listens; null for no Web UI. Default: {@link findHiddenAddress}. */
  ui?: HiddenAddress | null;
  /** Additional `key=value` pairs of dynamic configuration. The values are JSON. */
  extraConfig?: string[];
  /** This process's variables. The server gets the few that it needs, and no secrets. Default: none. */
  environment?: NodeJS.ProcessEnv;
  /** Receives lines of progress for the user. */
  report: (line: string) => void;
  /** How long to wait until the server answers. Default 30 s. */
  startLimitMs?: number;
}

export interface EmbeddedTemporal {
  /** `127.0.0.1:<port>`, for gRPC. */
  address: string;
  namespace: string;
  port: number;
  /** The Web UI, which answers everybody. Keep the address secret. Null if there is none. */
  ui: HiddenAddress | null;
  pid: number;
  /** Resolves when the server has ended, whether or not it was stopped. */
  exited: Promise<ChildExit>;
  /** Stops the server, and kills it after 10 s. Resolves when it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts the Temporal CLI's server as a child process with its state in `folder`, and waits until it answers. If an earlier Kait on
 * the same folder was killed and left its server behind, that server is stopped first.
 *
 * @throws KaitError KAIT_PORT_IN_USE if one of the given `ports` is taken; KAIT_TEMPORAL_START_FAILED, with the end of the server's
 * log, if the server ends at once or does not answer.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<EmbeddedTemporal> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const recordFile = join(folder, 'temporal.json');
  const record = readTemporalRecord(recordFile);
  if (record !== undefined) await endLeftoverServer(record);
  const ui = options.ui === undefined ? await findHiddenAddress() : options.ui;
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(options.port, record);
    try {
      return await startOn(port, { ...options, ui, recordFile });
    } catch (error) {
      // Another server that starts at the same moment can take the port between the look at it and the start.
      const isTaken = options.port === undefined && !(await isPortFree(port));
      if (!isTaken || attempt === mostAttempts) throw error;
      options.report(`Another program has taken port ${port}`);
    }
  }
}

const mostAttempts = 5;

async function choosePort(asked: number | undefined, record: TemporalRecord | undefined): Promise<number> {
  if (asked === undefined) return firstFreePort([record?.port, preferredPort]);
  if (await isPortFree(asked)) return asked;
  throw new KaitError('KAIT_PORT_IN_USE', `Port ${asked}, which Temporal needs, is in use.`);
}

async function startOn(
  port: number,
  options: TemporalServerOptions & { ui: HiddenAddress | null; recordFile: string },
): Promise<EmbeddedTemporal> {
  const { cliPath, folder, namespace = 'default', extraConfig = [], ui, recordFile, environment, report } = options;
  const logFile = join(folder, 'temporal.log');
  const log = await openBoundedLog(logFile);
  const logOffset = (await log.stat()).size;
  report(`Starting Temporal on 127.0.0.1:${port}`);
  const args = temporalArguments({ databaseFile: join(folder, 'temporal.db'), port, ui, namespace, extraConfig });
  let child: ManagedChild;
  try {
    child = await startChild({ command: cliPath, args, outputFd: log.fd, ...(environment && { environment }) });
  } finally {
    await log.close();
  }
  writeTemporalRecord(recordFile, { pid: child.pid, port, namespace });
  const address = `127.0.0.1:${port}`;
  await untilReady(child, { address, namespace, limitMs: options.startLimitMs ?? 30_000, logFile, logOffset });
  return {
    address,
    namespace,
    port,
    ui,
    pid: child.pid,
    exited: child.exited,
    stop: async () => {
      await child.stop();
    },
  };
}

interface Readiness {
  address: string;
  namespace: string;
  limitMs: number;
  logFile: string;
  /** The size of the log before this start. */
  logOffset: number;
}

async function untilReady(child: ManagedChild, readiness: Readiness): Promise<void> {
  const { limitMs, logFile, logOffset } = readiness;
  const giveUp = new AbortController();
  const limit = setTimeout(() => {
    giveUp.abort(`did not answer within ${limitMs} ms`);
  }, limitMs);
  void child.exited.then(({ code, signal }) => {
    giveUp.abort(`ended at once with ${signal ?? `exit code ${code ?? 'unknown'}`}`);
  });
  try {
    await Promise.race([awaitOwnTemporal(readiness, giveUp.signal), once(giveUp.signal, 'abort')]);
  } catch (error) {
    giveUp.abort(`could not be checked for readiness (${String(error)})`);
  } finally {
    clearTimeout(limit);
  }
  if (!giveUp.signal.aborted) return;
  await child.stop();
  const tail = await readLogTail(logFile, logOffset);
  throw new KaitError(
    'KAIT_TEMPORAL_START_FAILED',
    `The embedded Temporal server ${String(giveUp.signal.reason)}. The end of ${logFile}:\n${tail}`,
  );
}

/**
 * Resolves when this server answers. What answers at the address could be a server of someone else, who has taken the port a moment
 * before; this one is then about to end. So the server must also have written that it listens. Versions of the CLI that write something
 * else are believed if they still run after {@link ownLineMs}.
 */
async function awaitOwnTemporal(readiness: Readiness, signal: AbortSignal): Promise<void> {
  const { address, namespace, logFile, logOffset } = readiness;
  await awaitTemporal(address, namespace, signal);
  const port = address.split(':').at(-1) ?? '';
  const ownLine = new RegExp(`^(?:Temporal )?Server:\\s.*:${port}$`, 'm');
  const giveUpAt = performance.now() + ownLineMs;
  while (!signal.aborted && performance.now() < giveUpAt) {
    if (ownLine.test(await readLogTail(logFile, logOffset, 200))) return;
    await pause(25);
  }
}

const ownLineMs = 5_000;

/**
 * Resolves when the server at `address` describes `namespace`; its port is open before that. Also resolves soon after `signal`
 * aborts.
 */
async function awaitTemporal(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  // The SDK's client takes a third of a second to load, in which webhooks could not be accepted. Nothing answers that early anyway.
  await awaitPort(Number(address.split(':').at(-1)), signal);
  const { Connection, isGrpcServiceError } = await import('@temporalio/client');
  const connection = Connection.lazy({
    address,
    channelArgs: {
      // By default gRPC waits a second after a failed connection, and longer each time.
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 100,
      'grpc.use_local_subchannel_pool': 1,
    },
  });
  const describe = () => connection.workflowService.describeNamespace({ namespace });
  try {
    while (!signal.aborted) {
      try {
        await connection.withDeadline(Date.now() + attemptMs, describe);
        return;
      } catch (error) {
        if (!isGrpcServiceError(error)) throw error;
        await pause(50); // The server or the namespace is not ready yet.
      }
    }
  } finally {
    await connection.close();
  }
}

/** Resolves when something listens on the port of this machine, or soon after `signal` aborts. */
async function awaitPort(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await pause(25);
    } finally {
      socket.destroy();
    }
  }
}
