/** What bounds a run, beside the expressions' own limits. The interpreter, the checker, `kait explain` and the docs go by it. */
export const runLimits = {
  /**
   * Calls before a run goes on as a new one. Local activities are not in history before their task ends, so the server cannot
   * count them; the server's own bound, which ordinary activities reach first, is 4,096 events.
   */
  callsPerRun: 2_000,
  /** Items of a `forEach`: more would make the list that a run which continues as new carries too large. */
  items: 100_000,
  /** Items of a `forEach` at once. */
  itemsAtOnce: 100,
  /** Iterations of a `while`. */
  iterations: 10_000,
  /** Events kept for a later `waitFor`; beyond it the oldest goes, so that a run cannot be filled up with thousands. */
  keptEvents: 200,
} as const;
