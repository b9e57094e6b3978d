import { retryAfterMs } from '../../http/retry-after.ts';
import type { SentRequest } from '../../http/send-request.ts';
import { longestTimeLimitMs } from '../../language/endpoint-policy.ts';

/** What an attempt means for its delivery. */
export type AttemptOutcome =
  | { kind: 'delivered' }
  /** `afterMs` is the pause that the receiver asks for; null leaves it to the schedule. */
  | {
      kind: 'retry';
      afterMs: number | null;
      reason: string;
      /** 429: it is there, and asks for a pause. */ isBusy: boolean;
    }
  /** `disabledReason` tells why the endpoint gets no further messages either; null if it stays enabled. */
  | { kind: 'permanent'; reason: string; disabledReason: string | null };

/** Beyond a request's own time limit, its record takes at most this long, or its worker is dead. */
export const recordMs = 15_000;
/** No attempt takes longer whose worker lives. */
export const longestAttemptMs = longestTimeLimitMs + recordMs;

/** Pauses in ms, one before each attempt. */
export type RetrySchedule = readonly number[];

/** The statuses whose Retry-After counts: Too Many Requests and Service Unavailable. */
const busyStatuses = new Set([429, 503]);

/** Spreads the retries of deliveries that failed together: each pause is 80 to 120 % of the schedule's. */
const jitter = 0.2;

/**
 * Interprets a receiver's answer. Only 410 Gone is a receiver's "never again". Other 4xx are retried, since a receiver that is
 * being deployed answers 404 or 401 for a while, unless the endpoint's policy says which are final. Redirects are failures: they are
 * never followed.
 */
export function interpretAttempt(
  sent: SentRequest,
  now: Date,
  { permanentStatuses }: { permanentStatuses: readonly number[] },
): AttemptOutcome {
  if (sent.kind === 'refused') return { kind: 'permanent', reason: sent.reason, disabledReason: null };
  if (sent.kind === 'unanswered') return { kind: 'retry', afterMs: null, reason: sent.reason, isBusy: false };
  const { status, headers } = sent;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const reason = `HTTP ${status}`;
  if (status === 410) return { kind: 'permanent', reason, disabledReason: '410 Gone' };
  if (permanentStatuses.includes(status)) return { kind: 'permanent', reason, disabledReason: null };
  const afterMs = busyStatuses.has(status) ? retryAfterMs(headers['retry-after'] ?? null, now) : null;
  return { kind: 'retry', afterMs, reason, isBusy: status === 429 };
}

/**
 * The pause in ms after attempt number `attempt` (from 1) has failed, or null after the last one. `random` is uniform in
 * [0, 1). Never 0, which Temporal takes for "not given".
 */
export function pauseAfterAttemptMs(schedule: RetrySchedule, attempt: number, random: () => number): number | null {
  const pauseMs = schedule[attempt];
  if (pauseMs === undefined) return null;
  return Math.max(1, Math.round(pauseMs * (1 - jitter + 2 * jitter * random())));
}
