import { setTimeout as pause } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../errors.ts';
import { openBoundedLog, readLogTail, startChild, type ChildExit, type ManagedChild } from './managed-child.ts';
import { findFreePort, isPortFree } from './free-port.ts';
import { temporalArguments, type TemporalPorts } from './temporal-arguments.ts';
import { endLeftoverServer, readTemporalRecord, writeTemporalRecord, type TemporalRecord } from './temporal-record.ts';

/** The time limit of one readiness check. */
const attemptMs = 1_000;

const preferredPorts: TemporalPorts = { grpc: 7233, ui: 8233 };

export interface TemporalServerOptions {
  /** The `temporal` executable: see `obtain-temporal-cli.ts`. */
  cliPath: string;
  /** The data folder. The caller holds its lock. It gets `temporal.db`, `temporal.log` and `temporal.json`. */
  folder: string;
  /** Created if it does not exist. Default `default`. */
  namespace?: string;
  /**
   * The ports to use. Default: those of the last start in this folder if they are free, else 7233 and 8233, else any free ports.
   */
  ports?: TemporalPorts;
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
  /** The Web UI. */
  uiUrl: string;
  ports: TemporalPorts;
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
  const { cliPath, folder, namespace = 'default', extraConfig = [], report } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const recordFile = join(folder, 'temporal.json');
  const record = readTemporalRecord(recordFile);
  if (record !== undefined) await endLeftoverServer(record);
  const ports = await choosePorts(options.ports, record);
  const logFile = join(folder, 'temporal.log');
  const log = await openBoundedLog(logFile);
  const logOffset = (await log.stat()).size;
  report(`Starting Temporal on 127.0.0.1:${ports.grpc}`);
  const args = temporalArguments({ databaseFile: join(folder, 'temporal.db'), ports, namespace, extraConfig });
  const { environment } = options;
  const child = await startChild({
    command: cliPath,
    args,
    outputFd: log.fd,
    ...(environment && { environment }),
  }).finally(() => log.close());
  writeTemporalRecord(recordFile, child.pid, ports);
  const address = `127.0.0.1:${ports.grpc}`;
  await untilReady(child, { address, namespace, limitMs: options.startLimitMs ?? 30_000, logFile, logOffset });
  return {
    address,
    namespace,
    uiUrl: `http://127.0.0.1:${ports.ui}`,
    ports,
    pid: child.pid,
    exited: child.exited,
    stop: async () => {
      await child.stop();
    },
  };
}

async function choosePorts(
  asked: TemporalPorts | undefined,
  record: TemporalRecord | undefined,
): Promise<TemporalPorts> {
  if (asked !== undefined) {
    for (const port of [asked.grpc, asked.ui]) {
      if (!(await isPortFree(port)))
        throw new KaitError('KAIT_PORT_IN_USE', `Port ${port}, which Temporal needs, is in use.`);
    }
    return asked;
  }
  const grpc = await firstFreePort([record?.grpc, preferredPorts.grpc]);
  return { grpc, ui: await firstFreePort([record?.ui, preferredPorts.ui].filter((port) => port !== grpc)) };
}

async function firstFreePort(candidates: (number | undefined)[]): Promise<number> {
  for (const port of candidates) if (port !== undefined && (await isPortFree(port))) return port;
  return findFreePort();
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
  const { address, namespace, limitMs, logFile, logOffset } = readiness;
  const giveUp = new AbortController();
  const limit = setTimeout(() => {
    giveUp.abort(`did not answer within ${limitMs} ms`);
  }, limitMs);
  void child.exited.then(({ code, signal }) => {
    giveUp.abort(`ended at once with ${signal ?? `exit code ${code ?? 'unknown'}`}`);
  });
  try {
    await Promise.race([awaitTemporal(address, namespace, giveUp.signal), once(giveUp.signal, 'abort')]);
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
 * Resolves when the server at `address` describes `namespace`; its port is open before that. Also resolves soon after `signal`
 * aborts.
 */
async function awaitTemporal(address: string, namespace: string, signal: AbortSignal): Promise<void> {
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
