import type { Json } from './json.ts';

/** How a child run has ended, as the activity `runs.result` tells its parent. */
export type ChildOutcome =
  /** `result` is what the child's workflow returned. */
  | { kind: 'completed'; result: Json }
  /** `effect` is `none` if nothing is left of what the child did. */
  | { kind: 'failed'; type: string; message: string; effect: 'none' | 'unknown' }
  | { kind: 'canceled' | 'terminated' | 'timedOut'; message: string };
