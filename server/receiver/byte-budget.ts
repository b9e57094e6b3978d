/** Limits the bytes of request bodies in memory, from their arrival until they are stored. */
export interface ByteBudget {
  /** Opens a lease for one request of `holder`. */
  lease(holder: string): ByteLease;
  /** Whether nothing is left for anybody. */
  isSpent(): boolean;
  /** Whether nothing is left for `holder`, so that its next request can be rejected at once. */
  isSpentBy(holder: string): boolean;
}

/** The bytes that one request holds. */
export interface ByteLease {
  /** Takes more bytes. If fewer are left, takes none and returns false. */
  take(bytes: number): boolean;
  /** Keeps the bytes until `work` settles, even past `end`. */
  keepDuring(work: Promise<unknown>): void;
  /** Gives the bytes back. Call it once, when the request has been answered. */
  end(): void;
}

/**
 * Allows `total` bytes for all holders together and `each` for one, so that a single slow sender cannot hold everything. Bytes
 * count when they arrive, not when they are announced, because announcing costs a sender nothing.
 */
export function createByteBudget({ total, each }: { total: number; each: number }): ByteBudget {
  /** Bytes by holder. Those who hold none have no entry. */
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
