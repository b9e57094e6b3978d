/** Where the dev server listens; both on 127.0.0.1 only. */
export interface TemporalPorts {
  grpc: number;
  ui: number;
}

/**
 * Settings that the dev server takes as `--dynamic-config-value`. Measured with server 1.32:
 * by default its one history shard is polled 20 times a second, which costs 50 ms per step of a run; timers and retries
 * are exact to a second only; and the four partitions of a task queue gain nothing on one machine.
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
 * The command line of the embedded server. With SQLite's defaults it completes fewer than half as many runs; in WAL mode
 * with `synchronous=normal` a power cut, but no crash of the process, can take back its last moments.
 */
export function temporalArguments(options: {
  databaseFile: string;
  ports: TemporalPorts;
  namespace: string;
  /** More `key=value` pairs of dynamic configuration. */
  extraConfig: string[];
}): string[] {
  const { databaseFile, ports, namespace, extraConfig } = options;
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn', '--color', 'never'],
    // The user's own Temporal profile is about another server.
    ...['--disable-config-env', '--disable-config-file', '--ui-disable-news-fetch'],
    ...['--port', String(ports.grpc), '--ui-port', String(ports.ui), '--namespace', namespace],
    ...['--db-filename', databaseFile],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
    ...[...dynamicConfig, ...extraConfig].flatMap((pair) => ['--dynamic-config-value', pair]),
  ];
}
