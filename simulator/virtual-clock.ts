/** A clock that moves only when it is told to, from one timer to the next. */
export interface VirtualClock {
  /** Unix milliseconds. */
  nowMs: () => number;
  /** Calls `ring` after so many milliseconds; those for the same instant in the order in which they were set. */
  setTimer(afterMs: number, ring: () => void): Timer;
  /** When the next timer rings, in Unix milliseconds; undefined where there is none. */
  nextMs(): number | undefined;
  /** Moves to the next timer and rings it, alone. */
  advance(): void;
}

export interface Timer {
  /** It does not ring any more. */
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

/** Behind every timer that rings at that instant or before it. */
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
