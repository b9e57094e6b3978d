import type { Json } from '../../language/json.ts';
import type { CallRequest, ChildRequest, Effects } from '../../workflows/effects.ts';

export class Canceled extends Error {}

/**
 * Effects that answer from `results` by step key (an Error rejects) and record each request. Only sleeps move the time, and
 * they end at once. The simulator has a clock; tests with these effects look at the interpreter's requests.
 */
export function fakeEffects(results: Record<string, Json | Error> = {}) {
  const calls: CallRequest[] = [];
  const children: ChildRequest[] = [];
  const sleeps: { ms: number; summary: string }[] = [];
  const closed: string[] = [];
  let canceled = false;
  let now = Date.parse('2026-01-01T00:00:00Z');
  const answer = (key: string): Promise<Json> => {
    const result = results[key] ?? null;
    canceled ||= result instanceof Canceled;
    return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
  };
  const effects: Effects = {
    call: (request) => {
      calls.push(request);
      return answer(request.key);
    },
    startChild: (request) => {
      children.push(request);
      return Promise.resolve({ workflowId: `child/${request.key}`, runId: 'run-1' });
    },
    childResult: async ({ key }) => ({ output: await answer(key), undo: [] }),
    sleep: (ms, summary) => {
      sleeps.push({ ms, summary });
      now += ms;
      return Promise.resolve();
    },
    waitUntil: (holds, ms, summary) => {
      if (ms === null) return new Promise(() => undefined);
      sleeps.push({ ms, summary });
      now += ms;
      return Promise.resolve(holds());
    },
    openWait: ({ after }) => Promise.resolve({ events: [], after: after ?? 0, more: false }),
    claimEvent: () => Promise.resolve({ taken: true, confirm: false }),
    closeWait: () => Promise.resolve(),
    endTurn: () => Promise.resolve(),
    openApproval: () => Promise.resolve(),
    recordDecision: () => Promise.resolve({ refusal: null }),
    recordCommand: () => Promise.resolve(null),
    migrated: () => Promise.resolve(),
    closeApproval: () => Promise.resolve(),
    mailApproval: () => Promise.resolve(),
    closeAnswers: ({ key }) => {
      closed.push(key);
      return Promise.resolve();
    },
    nextTask: () => Promise.resolve(),
    now: () => now,
    cancelable: (work) => ({ done: work(), cancel: () => undefined }),
    shielded: (work) => work(),
    isLong: () => false,
    isCanceled: () => canceled,
    isRunCanceled: () => false,
    cancellation: () => new Canceled(),
    isInDoubt: (error) => !(error instanceof Canceled),
    isCancellation: (error) => error instanceof Canceled,
    describe: (error) =>
      error instanceof Error ? { type: error.name, message: error.message } : { type: 'Error', message: String(error) },
  };
  return { effects, calls, children, sleeps, closed };
}
