import type { ClaimedEvent } from './read-claimed.ts';

/** Events in memory that wait for their turn with Temporal. Small ones pass large ones that have to wait. */
export interface DispatchQueue {
  /** How many wait. */
  length(): number;
  /** Whether there is memory for one more event. The last one may exceed the limit. */
  hasRoom(): boolean;
  push(...events: ClaimedEvent[]): void;
  /** Takes an event out. It counts as under way until `done` is called with it. Undefined: none may begin now. */
  take(): ClaimedEvent | undefined;
  done(claimed: ClaimedEvent): void;
  /** Takes out all that wait. */
  drain(): ClaimedEvent[];
}

/** Bytes of the events in memory. The others wait in the inbox. */
const mostBytes = 32 * 1024 * 1024;
/** Bytes of the large events that are under way at once; one alone may have more. Each takes the process some time without a break. */
const mostLargeBytes = 16 * 1024 * 1024;
/** Bytes of an event's share of its body. */
const largeFrom = 256 * 1024;

export function createDispatchQueue(): DispatchQueue {
  const waiting: ClaimedEvent[] = [];
  let bytes = 0;
  let largeBytes = 0;

  function nextIndex(): number {
    const [first] = waiting;
    if (first === undefined) return -1;
    const fits = !isLarge(first) || largeBytes === 0 || largeBytes + first.bytes <= mostLargeBytes;
    return fits ? 0 : waiting.findIndex((claimed) => !isLarge(claimed));
  }

  return {
    length: () => waiting.length,
    hasRoom: () => bytes < mostBytes,
    push(...events) {
      waiting.push(...events);
      for (const claimed of events) bytes += claimed.bytes;
    },
    take() {
      const index = nextIndex();
      const [claimed] = index === -1 ? [] : waiting.splice(index, 1);
      if (claimed !== undefined && isLarge(claimed)) largeBytes += claimed.bytes;
      return claimed;
    },
    done(claimed) {
      bytes -= claimed.bytes;
      if (isLarge(claimed)) largeBytes -= claimed.bytes;
    },
    drain() {
      for (const claimed of waiting) bytes -= claimed.bytes;
      return waiting.splice(0);
    },
  };
}

function isLarge({ bytes }: ClaimedEvent): boolean {
  return bytes >= largeFrom;
}
