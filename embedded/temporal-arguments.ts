import { randomBytes } from 'node:crypto';
import type { HiddenAddress } from './hidden-address.ts';

/**
 * The dev server's dynamic configuration. Measured with server 1.32: by default, the single history shard is polled 20 times a
 * second, which costs 50 ms per step of a run. Timers and retries are precise only to a second. The four partitions of a task queue
 * bring nothing on one machine.
 */
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=200',
  'history.timerProcessorMaxTimeShift="50ms"',
  'history.enableStandaloneActivityOperatorCommands=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'matching.enableFairness=true',
  'frontend.WorkflowPauseEnabled=true',
];

/**
 * The command line of the embedded server. With SQLite's defaults, it completes fewer than half as many runs. With WAL and
 * `synchronous=normal`, a power cut can lose the last moments, but a crash of the process cannot.
 */
export function temporalArguments(options: {
  databaseFile: string;
  /** The port for gRPC, on 127.0.0.1. No browser can speak to it: gRPC is HTTP/2 from its first byte. */
  port: number;
  /** Where the Web UI listens. Null: nowhere. */
  ui: HiddenAddress | null;
  namespace: string;
  /** Additional `key=value` pairs of dynamic configuration. */
  extraConfig: string[];
}): string[] {
  const { databaseFile, port, ui, namespace, extraConfig } = options;
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn', '--color', 'never'],
    // The user's own Temporal profile is for another server.
    ...['--disable-config-env', '--disable-config-file', '--ui-disable-news-fetch'],
    ...['--port', String(port), '--namespace', namespace],
    ...(ui === null ? ['--headless'] : ['--ui-ip', ui.host, '--ui-port', String(ui.port)]),
    ...['--db-filename', databaseFile],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
    ...[...dynamicConfig, closedHttpApi(), ...extraConfig].flatMap((pair) => ['--dynamic-config-value', pair]),
  ];
}

/**
 * The server also has an HTTP API, which cannot be turned off. It has no access control, and takes a plain `POST` from any page. It
 * answers only requests for a host of this list, and nobody knows the name in it.
 */
function closedHttpApi(): string {
  return `frontend.httpAllowedHosts=["${randomBytes(16).toString('hex')}.invalid"]`;
}
