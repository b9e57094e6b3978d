/** How long a run stays open at a parked step at most: nothing waits for ever. */
export const parkedLimitMs = 365 * 24 * 60 * 60 * 1000;
