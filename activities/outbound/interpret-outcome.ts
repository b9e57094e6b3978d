import { retryAfterMs } from '../../http/retry-after.ts';

/** How one HTTP request ended. */
export type RequestOutcome =
  | { kind: 'answered'; status: number; retryAfter: string | null }
  /** No status came: a time-out, a broken connection, an unknown name. */
  | { kind: 'unanswered'; reason: string }
  /** The guard did not let it leave. */
  | { kind: 'refused'; reason: string };

export type Verdict =
  | { kind: 'delivered' }
  /** `afterMs` is the receiver's wish; null leaves the pause to the schedule. */
  | { kind: 'retry'; afterMs: number | null; reason: string }
  | { kind: 'permanent'; disableEndpoint: boolean; reason: string };

/** Statuses whose Retry-After counts: Too Many Requests and Service Unavailable. */
const busyStatuses = new Set([429, 503]);

/**
 * What a receiver's answer means for the delivery. Only 410 Gone is the receiver's own "never again"; other 4xx are retried,
 * since a receiver that is being deployed answers 404 or 401 for a while. Redirects are failures: they are never followed.
 */
export function interpretOutcome(outcome: RequestOutcome, now: Date): Verdict {
  if (outcome.kind === 'refused') return { kind: 'permanent', disableEndpoint: false, reason: outcome.reason };
  if (outcome.kind === 'unanswered') return { kind: 'retry', afterMs: null, reason: outcome.reason };
  const { status, retryAfter } = outcome;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const reason = `HTTP ${status}`;
  if (status === 410) return { kind: 'permanent', disableEndpoint: true, reason };
  return { kind: 'retry', afterMs: busyStatuses.has(status) ? retryAfterMs(retryAfter, now) : null, reason };
}
