import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DeliveryCounts } from './count-deliveries.ts';
import type { FaultKind } from './faults.ts';
import type { ListedProcess } from './publish/processes.ts';
import type { QueueState } from './task-queues.ts';
import { nothingStuck, type Pile, type Stuck } from './stuck.ts';
import { type StuckRuns, unknownRuns } from './stuck-runs.ts';
import type { TurnCounts } from './turns/count-turns.ts';

/** The metrics at `GET /metrics` on the admin port. Labels come from configuration and fixed lists, never from a request. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Calls the functions at each scrape. `faults` counts the mistakes in the definitions folder by kind. */
export function createMetrics(
  backlogSize: () => Promise<number>,
  watched: {
    faults: () => Record<FaultKind, number>;
    waiting: () => Promise<number>;
    turns: () => Promise<TurnCounts>;
    deliveries: () => Promise<DeliveryCounts>;
    taskQueues: () => Promise<QueueState[]>;
    processes: () => Promise<Pick<ListedProcess, 'kind' | 'serves' | 'problem'>[]>;
    stuck: () => Promise<Stuck>;
    stuckRuns: () => Promise<StuckRuns>;
    now: () => Date;
  } = nothingWatched,
) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  return {
    registry,
    accepted: new Counter({
      name: 'kait_events_accepted_total',
      help: 'Events stored and acknowledged.',
      labelNames: ['source', 'outcome'] as const,
      registers,
    }),
    rejected: new Counter({
      name: 'kait_requests_rejected_total',
      help: 'Webhook requests that were rejected, by source and reason.',
      labelNames: ['source', 'reason'] as const,
      registers,
    }),
    acknowledged: new Histogram({
      name: 'kait_acknowledge_seconds',
      help: 'Seconds from a complete request to its acknowledgement.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    dispatched: new Counter({
      name: 'kait_events_dispatched_total',
      help: 'Events handed to Temporal, by outcome.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    backlog: new Gauge({
      name: 'kait_backlog_events',
      help: 'Stored events that wait for Temporal, counted up to 100,000.',
      registers,
      async collect() {
        this.set(await backlogSize());
      },
    }),
    waiting: new Gauge({
      name: 'kait_events_waiting',
      help: 'Stored events that wait until a mistake in the definitions folder is corrected, counted up to 100,000.',
      registers,
      async collect() {
        this.set(await watched.waiting());
      },
    }),
    turns: new Gauge({
      name: 'kait_turns',
      help: 'Runs that wait for their turn, and keys that a failed run keeps until somebody frees them, each counted up to 100,000.',
      labelNames: ['state'] as const,
      registers,
      async collect() {
        const { waiting, blocked } = await watched.turns();
        this.set({ state: 'waiting' }, waiting);
        this.set({ state: 'blocked' }, blocked);
      },
    }),
    deliveries: new Gauge({
      name: 'kait_deliveries',
      help: 'Deliveries of outbound webhooks that Temporal has not taken yet, and those of the last 90 days that were refused, each counted up to 100,000.',
      labelNames: ['state'] as const,
      registers,
      async collect() {
        const { pending, refused } = await watched.deliveries();
        this.set({ state: 'pending' }, pending);
        this.set({ state: 'refused' }, refused);
      },
    }),
    faulty: new Gauge({
      name: 'kait_definitions_faulty',
      help: 'Mistakes in the definitions folder with which Kait started anyway, by what they are in.',
      labelNames: ['kind'] as const,
      registers,
      collect() {
        for (const [kind, count] of Object.entries(watched.faults())) this.set({ kind }, count);
      },
    }),
    taskQueues: new Gauge({
      name: 'kait_task_queue_served',
      help: 'Whether a worker asks for work on a task queue: 1, or 0 if none has for over a minute. Absent while Temporal does not say.',
      labelNames: ['queue', 'serves'] as const,
      registers,
      async collect() {
        this.reset(); // Queues come and go with the activities of a project.
        for (const { name, serves, state } of await watched.taskQueues()) {
          if (state !== 'unknown') this.set({ queue: name, serves }, state === 'served' ? 1 : 0);
        }
      },
    }),
    processes: new Gauge({
      name: 'kait_processes',
      help: 'Servers and workers that are running, by the published set that they serve; 0 is the folder of each.',
      labelNames: ['kind', 'set'] as const,
      registers,
      async collect() {
        this.reset(); // Sets come and go.
        for (const { kind, serves } of await watched.processes()) this.inc({ kind, set: String(serves ?? 0) });
      },
    }),
    stuck: new Gauge({
      name: 'kait_stuck',
      help: 'Events, approvals and deliveries that wait or need somebody, each counted up to 100,000, as "kait status" shows them.',
      labelNames: ['what', 'state'] as const,
      registers,
      async collect() {
        for (const [what, state, { count }] of pilesOf(await watched.stuck())) this.set({ what, state }, count);
      },
    }),
    stuckOldest: new Gauge({
      name: 'kait_stuck_oldest_seconds',
      help: 'The age of the oldest of them; 0 if none is there.',
      labelNames: ['what', 'state'] as const,
      registers,
      async collect() {
        for (const [what, state, { oldest }] of pilesOf(await watched.stuck())) {
          this.set({ what, state }, ageSeconds(oldest, watched.now()));
        }
      },
    }),
    silent: new Gauge({
      name: 'kait_sources_silent',
      help: 'Sources that have sent nothing genuine for three times their longest recent pause, and for an hour at least.',
      registers,
      async collect() {
        this.set((await watched.stuck()).silent.length);
      },
    }),
    runs: new Gauge({
      name: 'kait_runs',
      help: 'Runs by how they stand, and those that failed in the last seven days and were not retried. Absent while Temporal does not say.',
      labelNames: ['state'] as const,
      registers,
      async collect() {
        this.reset();
        for (const [state, pile] of Object.entries(await watched.stuckRuns()) as [string, Pile | null][]) {
          if (pile !== null) this.set({ state }, pile.count);
        }
      },
    }),
    runsOldest: new Gauge({
      name: 'kait_runs_oldest_seconds',
      help: 'Seconds since the oldest run of each state was started, and since the first of the failed ones has failed; 0 if there is none. Absent while Temporal does not say.',
      labelNames: ['state'] as const,
      registers,
      async collect() {
        this.reset();
        for (const [state, pile] of Object.entries(await watched.stuckRuns()) as [string, Pile | null][]) {
          const isKnown = pile !== null && (pile.count === 0 || pile.oldest !== null);
          if (isKnown) this.set({ state }, ageSeconds(pile.oldest, watched.now()));
        }
      },
    }),
    behind: new Gauge({
      name: 'kait_processes_behind',
      help: 'Servers and workers that cannot serve the newest published set. "kait status" says why.',
      labelNames: ['kind'] as const,
      registers,
      async collect() {
        const processes = await watched.processes();
        for (const kind of ['server', 'worker'] as const) {
          this.set({ kind }, processes.filter((each) => each.kind === kind && each.problem !== null).length);
        }
      },
    }),
  };
}

const nothingWatched = {
  faults: () => ({
    definition: 0,
    activity: 0,
    preset: 0,
    source: 0,
    'mail-template': 0,
    'event-type': 0,
    secrets: 0,
    settings: 0,
    people: 0,
  }),
  waiting: () => Promise.resolve(0),
  turns: () => Promise.resolve({ waiting: 0, blocked: 0 }),
  deliveries: () => Promise.resolve({ pending: 0, refused: 0 }),
  taskQueues: () => Promise.resolve([]),
  processes: () => Promise.resolve([]),
  stuck: () => Promise.resolve(nothingStuck),
  stuckRuns: () => Promise.resolve(unknownRuns),
  now: () => new Date(0),
};

/** Zero if there is none. */
function ageSeconds(oldest: string | null, now: Date): number {
  return oldest === null ? 0 : Math.max(0, (now.getTime() - Date.parse(oldest)) / 1_000);
}

/** Each pile with its labels. */
function pilesOf({ events, approvals, deliveries }: Stuck): [what: string, state: string, pile: Pile][] {
  return [
    ...Object.entries(events).map(([state, pile]): [string, string, Pile] => ['events', state, pile]),
    ['approvals', 'open', approvals],
    ...Object.entries(deliveries).map(([state, pile]): [string, string, Pile] => ['deliveries', state, pile]),
  ];
}
