import { withDeadline } from '../storage/with-deadline.ts';

/** Long enough that a flood costs nothing, short enough that a load balancer learns of an outage in time. */
const secondMs = 1_000;

/**
 * Makes an expensive question safe to ask at any rate. All callers share one answer: the one that is under way, or the last one for
 * `sharedForMs` after it came, by default a second. That holds for a failure too. An answer that takes longer than `limitMs` is a failure. `now` is in milliseconds and must
 * never go back.
 */
export function shareAnswer<Answer>(
  ask: () => Promise<Answer>,
  {
    limitMs,
    what,
    sharedForMs = secondMs,
    now = () => performance.now(),
  }: { limitMs: number; what: string; sharedForMs?: number; now?: () => number },
): () => Promise<Answer> {
  let shared: Promise<Answer> | null = null;
  let validUntil = 0;
  return () => {
    if (shared !== null && now() < validUntil) return shared;
    validUntil = Infinity;
    shared = withDeadline(ask(), limitMs, what).finally(() => {
      validUntil = now() + sharedForMs;
    });
    return shared;
  };
}
