/** How many bytes of bodies may be in memory at once, from arrival until they are stored. */
export interface ByteBudget {
  /** For one request of `holder`. */
  lease(holder: string): ByteLease;
  /** Nothing is left for anybody. */
  isSpent(): boolean;
  /** Nothing is left for `holder`, so that its next request need not be begun. */
  isSpentBy(holder: string): boolean;
}

/** What one request holds. */
export interface ByteLease {
  /** Takes as many bytes more; false where they would exceed what is left, and then takes none. */
  take(bytes: number): boolean;
  /** Keeps what was taken for as long as `work` goes on, even past `end`. */
  keepDuring(work: Promise<unknown>): void;
  /** The request has been answered. Call it once. */
  end(): void;
}

/**
 * `total` bytes for all and `each` for one holder: a single stranger who sends slowly must not be able to hold all of it. Bytes
 * are taken as they arrive and not as they are announced, since announcing costs a sender nothing.
 */
export function createByteBudget({ total, each }: { total: number; each: number }): ByteBudget {
  /** Of those who hold any. */
  const held = new Map<string, number>();
  let taken = 0;
  const heldBy = (holder: string) => held.get(holder) ?? 0;

  function add(holder: string, bytes: number): void {
    taken += bytes;
    const now = heldBy(holder) + bytes;
    if (now > 0) held.set(holder, now);
    else held.delete(holder);
  }

  return {
    isSpent: () => taken >= total,
    isSpentBy: (holder) => taken >= total || heldBy(holder) >= each,
    lease(holder) {
      let leased = 0;
      let uses = 1;
      const endUse = () => {
        uses -= 1;
        if (uses === 0) add(holder, -leased);
      };
      return {
        take(bytes) {
          if (taken + bytes > total || heldBy(holder) + bytes > each) return false;
          leased += bytes;
          add(holder, bytes);
          return true;
        },
        keepDuring(work) {
          uses += 1;
          work.then(endUse, endUse);
        },
        end: endUse,
      };
    },
  };
}
