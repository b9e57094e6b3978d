import type { Info } from '@temporalio/activity';
import { pauseAfterMs } from '../language/retry.ts';

/** Temporal's own, for a policy that leaves them out. */
const defaults = { initialMs: 1_000, coefficient: 2, maximumPerInitial: 100 };

/** The pause in ms that the activity's retry policy makes after this attempt. The server's policy has its durations in ms. */
export function policyPauseMs({ attempt, retryPolicy = {} }: Pick<Info, 'attempt' | 'retryPolicy'>): number {
  const firstMs = Number(retryPolicy.initialInterval ?? defaults.initialMs);
  const maxMs = Number(retryPolicy.maximumInterval ?? firstMs * defaults.maximumPerInitial);
  return pauseAfterMs(attempt, { firstMs, maxMs, factor: retryPolicy.backoffCoefficient ?? defaults.coefficient });
}

/**
 * The options of a failure after which a receiver asked for a pause: it may lengthen the pause that the policy makes, and never
 * shorten it. A receiver that always answers `Retry-After: 1` would otherwise use up all attempts within seconds.
 */
export function lengthened(wishedMs: number | null, policyMs: number): { nextRetryDelayMs?: number } {
  return wishedMs !== null && wishedMs > policyMs ? { nextRetryDelayMs: wishedMs } : {};
}
