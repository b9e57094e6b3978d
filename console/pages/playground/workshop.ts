import type { Answers, Bench, Kind, Question, Questions, Reply } from './worker/protocol.ts';

/** Thrown if the worker has not answered in time. It was ended then, and another one takes its place. */
class TooSlow extends Error {
  /** Seconds. */
  readonly limit: number;

  constructor(limit: number) {
    super(`No answer within ${limit} s`);
    this.name = 'TooSlow';
    this.limit = limit;
  }
}

/** What the page asks of the checker and the simulator. */
export interface Workshop {
  /** A newer question of the same kind takes the place of one that waits or takes long, which is rejected then. */
  ask: <Asked extends Kind>(kind: Asked, what: Questions[Asked]) => Promise<Answers[Asked]>;
  close: () => void;
}

const limitsSeconds: Record<Kind, number> = { bench: 10, check: 5, format: 5, simulate: 8, test: 30, whatIf: 60 };

/** Each has a worker of its own, so that whoever writes hears of mistakes while something long is simulated. */
const laneOf: Record<Kind, string> = {
  ...{ bench: 'check', check: 'check', format: 'check' },
  ...{ simulate: 'simulate', test: 'test', whatIf: 'whatIf' },
};

/** Longer than most answers take. */
const patienceMs = 500;

interface Job {
  kind: Kind;
  what: unknown;
  /** Since when the worker has it, by `performance.now()`. Null: it waits. */
  sinceMs: number | null;
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

/** Workers start when they are first asked. Whatever one does not answer in time ends it. */
export function openWorkshop(bench: Bench, startWorker: () => Worker = start): Workshop {
  const lanes = new Map<string, Lane>();
  return {
    ask<Asked extends Kind>(kind: Asked, what: Questions[Asked]) {
      const lane = lanes.get(laneOf[kind]) ?? openLane(bench, startWorker);
      lanes.set(laneOf[kind], lane);
      return new Promise<Answers[Asked]>((resolve, reject) => {
        lane.add({ kind, what, sinceMs: null, resolve: resolve as Job['resolve'], reject });
      });
    },
    close() {
      for (const lane of lanes.values()) lane.close();
    },
  };
}

interface Lane {
  add: (job: Job) => void;
  close: () => void;
}

/** One worker, which is asked one thing at a time. */
function openLane(bench: Bench, startWorker: () => Worker): Lane {
  let worker: Worker | null = null;
  let jobs: Job[] = [];
  let end = () => undefined as unknown;

  function add(job: Job): void {
    const older = jobs.filter(({ kind, sinceMs }) => {
      return kind === job.kind && (sinceMs === null || performance.now() - sinceMs > patienceMs);
    });
    if (older.some(({ sinceMs }) => sinceMs !== null)) stop();
    jobs = [...jobs.filter((each) => !older.includes(each)), job];
    for (const each of older) each.reject(new Error('A newer question has come'));
    next();
  }

  function next(): void {
    const [job] = jobs;
    if (job?.sinceMs !== null) return;
    job.sinceMs = performance.now();
    const to = (worker ??= begin());
    const settle = (act: () => void) => {
      end();
      jobs = jobs.filter((each) => each !== job);
      act();
      next();
    };
    const onMessage = ({ data }: MessageEvent<Reply>) => {
      if (data.id !== askedId) return;
      if ('error' in data) settle(() => job.reject(new Error(data.error)));
      else settle(() => job.resolve(data.answer));
    };
    const onError = (event: ErrorEvent) => {
      stop();
      settle(() => job.reject(new Error(event.message)));
    };
    const timer = setTimeout(() => {
      stop();
      settle(() => job.reject(new TooSlow(limitsSeconds[job.kind])));
    }, limitsSeconds[job.kind] * 1_000);
    end = () => {
      clearTimeout(timer);
      to.removeEventListener('message', onMessage);
      to.removeEventListener('error', onError);
    };
    to.addEventListener('message', onMessage);
    to.addEventListener('error', onError);
    const { kind, what } = job;
    to.postMessage({ id: askedId, kind, what });
  }

  function begin(): Worker {
    const begun = startWorker();
    begun.postMessage({ id: benchId, kind: 'bench', what: bench } satisfies Question);
    return begun;
  }

  function stop(): void {
    end();
    worker?.terminate();
    worker = null;
  }

  return { add, close: stop };
}

const benchId = 0;
/** A worker has one question at a time. */
const askedId = 1;

function start(): Worker {
  return new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
}

/** Too slow, or the worker's own words. */
export function problemOf(error: unknown, { tooSlow }: { tooSlow: (seconds: number) => string }): string {
  if (error instanceof TooSlow) return tooSlow(error.limit);
  return error instanceof Error ? error.message : String(error);
}
