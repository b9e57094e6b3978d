/** How the attempts of an activity follow each other, as Temporal counts them. */
export interface RetryMs {
  /** All attempts, the first included. */
  attempts: number;
  /** The pause after the first attempt. */
  firstMs: number;
  /** Each pause is this many times as long as the one before. */
  factor: number;
  /** The longest pause. */
  maxMs: number;
  /** Error types that are not retried. */
  except: string[];
}

/** The pause in ms after attempt number `attempt`, from 1, has failed. */
export function pauseAfterMs(
  attempt: number,
  { firstMs, factor, maxMs }: Pick<RetryMs, 'firstMs' | 'factor' | 'maxMs'>,
): number {
  return Math.floor(Math.min(firstMs * factor ** (attempt - 1), maxMs));
}

/**
 * How much longer than the step's time limit Temporal waits for an attempt, in ms. So the activity itself ends the attempt and
 * says how, and only one that hangs, or whose worker hangs, meets Temporal's own limit.
 */
export const attemptGraceMs = 500;
