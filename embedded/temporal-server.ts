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

/** One question's time limit. */
const attemptMs = 1_000;

const preferredPorts: TemporalPorts = { grpc: 7233, ui: 8233 };

export interface TemporalServerOptions {
  /** The `temporal` executable: see `obtain-temporal-cli.ts`. */
  cliPath: string;
  /** The data folder, whose lock the caller holds. Keeps `temporal.db`, `temporal.log` and `temporal.json`. */
  folder: string;
  /** Created where it is missing. Default `default`. */
  namespace?: string;
  /**
   * Exactly these ports. Default: those of the last start in this folder where they are free, else 7233 and 8233, else
   * any.
   */
  ports?: TemporalPorts;
  /** More `key=value` pairs of dynamic configuration; the values are JSON. */
  extraConfig?: string[];
  /** Takes a line of progress for the user. */
  report: (line: string) => void;
  /** How long the server may take to answer. Default 30 s. */
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
  /** Resolves when the server has ended, asked for or not. */
  exited: Promise<ChildExit>;
  /** Resolves when the server is gone: it gets 10 s to end by itself. */
  stop(): Promise<void>;
}

/**
 * Starts the Temporal CLI's server as a child with its state in `folder`, and waits until it answers. First ends a
 * server that an earlier Kait on the same folder left behind when it was killed.
 *
 * @throws KaitError KAIT_PORT_IN_USE where one of the `ports` asked for is taken; KAIT_TEMPORAL_START_FAILED, with the end of the
 * server's log, where it ends at once or does not answer.
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
  const child = await startChild({ command: cliPath, args, outputFd: log.fd }).finally(() => log.close());
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
        throw new KaitError('KAIT_PORT_IN_USE', `Port ${port}, meant for Temporal, is in use.`);
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
  /** Where this start's part of the log begins. */
  logOffset: number;
}

async function untilReady(child: ManagedChild, readiness: Readiness): Promise<void> {
  const { address, namespace, limitMs, logFile, logOffset } = readiness;
  const giveUp = new AbortController();
  const limit = setTimeout(() => {
    giveUp.abort(`did not answer within ${limitMs} ms`);
  }, limitMs);
  void child.exited.then(({ code, signal }) => {
    giveUp.abort(`ended at once, with ${signal ?? `code ${code ?? 'unknown'}`}`);
  });
  try {
    await Promise.race([awaitTemporal(address, namespace, giveUp.signal), once(giveUp.signal, 'abort')]);
  } catch (error) {
    giveUp.abort(`cannot be asked whether it is ready (${String(error)})`);
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
 * Resolves when the server at `address` answers questions about `namespace`; its port is open earlier than that. Asks
 * until `signal` aborts, and resolves then as well, a moment later.
 */
async function awaitTemporal(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  const connection = Connection.lazy({
    address,
    channelArgs: {
      // By default gRPC pauses for a second after a refused connection, and for longer each time.
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
        await pause(50); // The server is not up yet, or the namespace is not there yet.
      }
    }
  } finally {
    await connection.close();
  }
}
