import type { Json, JsonObject } from './json.ts';

/** The roots that a run's expressions and templates see: `event.payment.amount`, `steps.order.id`. */
export interface Scope {
  /** A `CanonicalEvent`. */
  event: Json;
  /** Outputs by step id. Null where the step was skipped; absent while it has not ended. */
  steps: JsonObject;
  /** A `StepStatus` by step id. */
  status: JsonObject;
  /** What `set` steps have assigned. */
  vars: JsonObject;
  run: { id: string; definition: string };
  /** The current item and its position, inside a loop only. */
  item?: Json;
  index?: number;
  /** What went wrong, inside an error handler only. */
  error?: Json;
  /** The event that a `waitFor` looks at, inside its `where` only. */
  signal?: Json;
  /** Items of enclosing loops by the names that `as` gave them. */
  [local: string]: Json | undefined;
}

/** What an evaluation takes from its host besides data. The same again on replay. */
export interface Host {
  /** Unix milliseconds, for `now`. */
  nowMs: () => number;
  /** A UUID that no other evaluation gets, for `uuid`. */
  uuid: () => string;
}

/** What a trigger's guard sees: nothing has run yet. */
export type TriggerScope = Pick<Scope, 'event'>;

/** Every root there is, in the order in which messages list them. */
export const scopeRoots = [
  'event',
  'steps',
  'status',
  'vars',
  'run',
  'item',
  'index',
  'error',
  'signal',
] as const satisfies readonly (keyof Scope)[];
