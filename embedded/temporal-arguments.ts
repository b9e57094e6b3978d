/** The dev server's ports, both on 127.0.0.1 only. */
export interface TemporalPorts {
  grpc: number;
  ui: number;
}

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
  ports: TemporalPorts;
  namespace: string;
  /** Additional `key=value` pairs of dynamic configuration. */
  extraConfig: string[];
}): string[] {
  const { databaseFile, ports, namespace, extraConfig } = options;
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn', '--color', 'never'],
    // The user's own Temporal profile is for another server.
    ...['--disable-config-env', '--disable-config-file', '--ui-disable-news-fetch'],
    ...['--port', String(ports.grpc), '--ui-port', String(ports.ui), '--namespace', namespace],
    ...['--db-filename', databaseFile],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
    ...[...dynamicConfig, ...extraConfig].flatMap((pair) => ['--dynamic-config-value', pair]),
  ];
}
