import type { Json, JsonObject } from './json.ts';

/** The roots that a run's expressions and templates see: `event.payment.amount`, `steps.order.id`. */
export interface Scope {
  /** A `CanonicalEvent`. */
  event: Json;
  /** Outputs by step id. Null if the step was skipped, absent until it has ended. */
  steps: JsonObject;
  /** A `StepStatus` by step id. */
  status: JsonObject;
  /** What `set` steps have assigned. */
  vars: JsonObject;
  /** The settings of the project, with the values that they had when the run started. */
  settings?: JsonObject;
  run: { id: string; definition: string };
  /** The current item and its position, inside a loop only. */
  item?: Json;
  index?: number;
  /** What went wrong, inside an error handler only. */
  error?: Json;
  /** The step to undo, inside an `undo` only: `idempotencyKey` and `inDoubt`. */
  step?: Json;
  /** The event under test, inside the `where` of a `waitFor` only. */
  signal?: Json;
  /** Items of enclosing loops by the names that `as` gave them. */
  [local: string]: Json | undefined;
}

/** Values that an evaluation gets from its host. They are the same on replay. */
export interface Host {
  /** Unix milliseconds, for `now`. */
  nowMs: () => number;
  /** A unique UUID, for `uuid`. */
  uuid: () => string;
  /** Told of the work of each evaluation, in the units of its budget. */
  worked?: (units: number) => void;
}

/** The scope of a trigger's guard: nothing has run yet. */
export type TriggerScope = Pick<Scope, 'event' | 'settings'>;

/** Every root, in the order in which messages list them. */
export const scopeRoots = [
  'event',
  'steps',
  'status',
  'vars',
  'settings',
  'run',
  'item',
  'index',
  'error',
  'signal',
  'step',
] as const satisfies readonly (keyof Scope)[];
