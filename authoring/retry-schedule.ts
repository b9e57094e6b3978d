import { printDuration } from './print-duration.ts';
import type { LimitsMs } from './run-rules.ts';

/** All pauses between the attempts of a step that never succeeds. */
export function pausesMs({ retry }: LimitsMs): number {
  let totalMs = 0;
  let pauseMs = retry.firstMs;
  for (let pause = 1; pause < retry.attempts; pause += 1) {
    totalMs += Math.min(pauseMs, retry.maxMs);
    pauseMs = Math.min(pauseMs * retry.factor, retry.maxMs);
  }
  return totalMs;
}

/** How long a step takes at most: every attempt takes its whole time and fails, until the last or the deadline. */
export function longestMs(limits: LimitsMs): number {
  const allMs = limits.retry.attempts * limits.timeoutMs + pausesMs(limits);
  return Math.min(allMs, limits.deadlineMs ?? Infinity);
}

/** `up to 20 attempts over about 58m, 30s each at most`. */
export function printSchedule(limits: LimitsMs): string {
  const { retry, timeoutMs, deadlineMs } = limits;
  const pauses = pausesMs(limits);
  const overMs = deadlineMs === null ? pauses : Math.min(pauses, deadlineMs);
  const attempts =
    retry.attempts === 1
      ? `1 attempt, ${printDuration(timeoutMs)} at most`
      : `up to ${retry.attempts} attempts over about ${printDuration(overMs)}, ${printDuration(timeoutMs)} each at most`;
  const deadline = deadlineMs === null ? '' : `, all within ${printDuration(deadlineMs)}`;
  const except = retry.except.length === 0 ? '' : `; not again after ${retry.except.join(', ')}`;
  return `${attempts}${deadline}${except}`;
}
