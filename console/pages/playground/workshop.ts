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

/** The worker with the checker and the simulator. */
export interface Workshop {
  ask: <Asked extends Kind>(kind: Asked, what: Questions[Asked]) => Promise<Answers[Asked]>;
  close: () => void;
}

const limitsSeconds: Record<Kind, number> = { bench: 10, check: 5, format: 5, simulate: 8, whatIf: 60 };

/** Starts the worker. Whatever it does not answer in time ends it. */
export function openWorkshop(bench: Bench): Workshop {
  let worker = start();
  let asked = 0;

  function start(): Worker {
    const started = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
    started.postMessage({ id: 0, kind: 'bench', what: bench } satisfies Question);
    return started;
  }

  return {
    ask<Asked extends Kind>(kind: Asked, what: Questions[Asked]) {
      const id = (asked += 1);
      const to = worker;
      return new Promise<Answers[Asked]>((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(timer);
          to.removeEventListener('message', onMessage);
          to.removeEventListener('error', onError);
          act();
        };
        const onMessage = ({ data }: MessageEvent<Reply>) => {
          if (data.id !== id) return;
          if ('error' in data) settle(() => reject(new Error(data.error)));
          else settle(() => resolve(data.answer as Answers[Asked])); // As the protocol says.
        };
        const onError = (event: ErrorEvent) => settle(() => reject(new Error(event.message)));
        const timer = setTimeout(() => {
          to.terminate();
          if (worker === to) worker = start();
          settle(() => reject(new TooSlow(limitsSeconds[kind])));
        }, limitsSeconds[kind] * 1_000);
        to.addEventListener('message', onMessage);
        to.addEventListener('error', onError);
        to.postMessage({ id, kind, what } satisfies Question);
      });
    },
    close: () => worker.terminate(),
  };
}

/** Too slow, or the worker's own words. */
export function problemOf(error: unknown, { tooSlow }: { tooSlow: (seconds: number) => string }): string {
  if (error instanceof TooSlow) return tooSlow(error.limit);
  return error instanceof Error ? error.message : String(error);
}
