/** Times in ms. */
export const turnLimits = {
  /** Of a transaction that gives turns. */
  limitMs: 10_000,
  /** How soon Temporal is asked about a run that another one begins to wait for. */
  firstCheckMs: 2_000,
  /** How often it is asked while others wait, and if nobody does. */
  nextCheckMs: 10_000,
  idleCheckMs: 600_000,
} as const;
