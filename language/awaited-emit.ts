import type { Duration, EmitStep } from './definition.ts';

/** What an `emit` step waits for, and how long. */
export interface AwaitedEmit {
  limit: Duration;
}

/** Longer than any retry schedule that Kait comes with. What is parked longer is for `onTimeout`. */
const defaultAwaitLimit: Duration = '7d';

/** Undefined: the step does not wait. Steps for a delivery that fails imply that it does. */
export function awaitOf({ await: awaited, onExhausted }: EmitStep): AwaitedEmit | undefined {
  if (typeof awaited === 'object') return { limit: awaited.delivered };
  return awaited === undefined && onExhausted === undefined ? undefined : { limit: defaultAwaitLimit };
}

/** The last part of the key of the call that asks what became of a step's deliveries. */
export const outcomeSuffix = '/outcome';
