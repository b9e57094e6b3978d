import type { Json } from '../../language/json.ts';
import type { CallRequest, Effects } from '../../workflows/effects.ts';

export class Canceled extends Error {}

/** Effects that answer from `results` by step id (an Error rejects) and keep what they were asked. */
export function fakeEffects(results: Record<string, Json | Error> = {}) {
  const calls: CallRequest[] = [];
  const sleeps: { ms: number; summary: string }[] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  const effects: Effects = {
    call: (request) => {
      calls.push(request);
      const result = results[request.stepId] ?? null;
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
    sleep: (ms, summary) => {
      sleeps.push({ ms, summary });
      now += ms;
      return Promise.resolve();
    },
    now: () => now,
    all: async (branches) => {
      const outcomes = await Promise.allSettled(branches.map((branch) => branch()));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
    isCancellation: (error) => error instanceof Canceled,
    reason: (error) => (error instanceof Error ? error.message : String(error)),
  };
  return { effects, calls, sleeps };
}
