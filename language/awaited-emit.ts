import type { Duration, EmitStep } from './definition.ts';

/** What an `emit` step waits for, and how long. */
export interface AwaitedEmit {
  /** The end of all deliveries, or the first answer of a receiver. */
  what: 'delivered' | 'ack';
  limit: Duration;
}

/** Longer than any retry schedule that Kait comes with. What is parked longer is for `onTimeout`. */
const defaultAwaitLimit: Duration = '7d';

/** Undefined: the step does not wait. Steps for a delivery that fails imply that it does. */
export function awaitOf({ await: awaited, onExhausted }: EmitStep): AwaitedEmit | undefined {
  if (typeof awaited === 'object') {
    return 'ack' in awaited ? { what: 'ack', limit: awaited.ack } : { what: 'delivered', limit: awaited.delivered };
  }
  return awaited === undefined && onExhausted === undefined
    ? undefined
    : { what: 'delivered', limit: defaultAwaitLimit };
}

/** The last part of the key of the call that asks what became of a step's deliveries. */
export const outcomeSuffix = '/outcome';
