import { unitsMs } from '../language/time.ts';

/** A clock that stands still until it is moved to its next timer. */
export interface VirtualClock {
  /** Unix milliseconds. */
  nowMs: () => number;
  /** Calls `ring` after `afterMs`. Timers of the same instant ring in the order in which they were set. */
  setTimer(afterMs: number, ring: () => void): Timer;
  /** When the next timer rings, in Unix milliseconds; undefined if no timer is set. */
  nextMs(): number | undefined;
  /** Moves to the next timer and rings only that one. */
  advance(): void;
}

interface Timer {
  /** Keeps the timer from ringing. */
  stop: () => void;
}

export function createVirtualClock(startMs: number): VirtualClock {
  /** In the order in which they ring. */
  const timers: { atMs: number; ring: () => void }[] = [];
  let nowMs = startMs;

  return {
    nowMs: () => nowMs,
    setTimer(afterMs, ring) {
      const timer = { atMs: nowMs + Math.max(0, afterMs), ring };
      timers.splice(positionAfter(timers, timer.atMs), 0, timer);
      return {
        stop() {
          const position = timers.indexOf(timer);
          if (position >= 0) timers.splice(position, 1);
        },
      };
    },
    nextMs: () => timers[0]?.atMs,
    advance() {
      const timer = timers.shift();
      if (timer === undefined) return;
      nowMs = timer.atMs;
      timer.ring();
    },
  };
}

/** The index after all timers that ring at that instant or earlier. */
function positionAfter(timers: { atMs: number }[], atMs: number): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Unit = keyof typeof unitsMs;

const part = String.raw`(?:0|[1-9][0-9]{0,11})(?:ms|s|m|h|d)`;

/** Times since a run began: `+2h`, `+1h 30m`, `+1d 500ms`. */
const elapsedPattern = new RegExp(`^\\+${part}(?: ?${part})*$`);

/** Like {@link parseElapsed}, or negative for a time before the run began: `-3s`. */
export function parseWhen(text: string): number | undefined {
  const earlier = text.startsWith('-') ? parseElapsed(`+${text.slice(1)}`) : undefined;
  return earlier === undefined ? parseElapsed(text) : -earlier;
}

/** Milliseconds of a text such as `+1h 30m`; undefined for any other form. */
export function parseElapsed(text: string): number | undefined {
  if (!elapsedPattern.test(text)) return undefined;
  const parts = [...text.matchAll(/([0-9]+)(ms|s|m|h|d)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitsMs[unit as Unit], 0); // The pattern's units.
}

/** The text for a time in milliseconds, which {@link parseElapsed} reads: 5400000 is `+1h 30m`. */
export function formatElapsed(elapsedMs: number): string {
  let left = Math.round(elapsedMs);
  const parts: string[] = [];
  for (const [unit, unitMs] of Object.entries(unitsMs).reverse()) {
    const count = Math.floor(left / unitMs);
    left -= count * unitMs;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return `+${parts.length === 0 ? '0s' : parts.join(' ')}`;
}
