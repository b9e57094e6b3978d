import type { CanonicalEvent } from './event.ts';
import type { Json, JsonObject } from './json.ts';

/** `500ms`, `30s`, `5m`, `24h`, `7d`. */
export type Duration = string;
/** JsonLogic, evaluated strictly: see `expression.ts`. */
export type Logic = Json;
/** JSON in which strings may hold `{{path}}` and a one-key object of a known operator is evaluated: see `template.ts`. */
export type Template = Json;

/** A workflow definition as a user writes it, comments removed. Runs carry it verbatim as their snapshot. */
export interface Definition {
  $schema?: string;
  /** `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`; shows as the Temporal workflow type. */
  name: string;
  title?: string;
  on: Trigger;
  defaults?: StepDefaults;
  steps: Step[];
  /** The run's result. Default null. */
  output?: Template;
}

export interface Trigger {
  /** Canonical or native event types; any may match. */
  event: string | string[];
  /** Only events of these sources. Default: every source. */
  source?: string | string[];
  /** A guard over `event`. Default: true. */
  if?: Logic;
}

export interface StepDefaults {
  /** One attempt's time limit. Default 30s. */
  timeout?: Duration;
  retry?: Retry;
}

export interface Retry {
  /** All attempts, the first included. Default 20, which with the other defaults is about an hour. */
  attempts?: number;
  /** Pause after the first attempt. Default 1s. */
  first?: Duration;
  /** Default 2. */
  factor?: number;
  /** Longest pause. Default 5m. */
  max?: Duration;
}

interface StepCommon {
  /** Unique in the whole tree; the activity's and the timer's name in Temporal. */
  id: string;
  /** What the Web UI shows; default the id. */
  title?: string;
}

/** `if` on steps other than {@link BranchStep}: the step is skipped where it is false. */
interface Guarded extends StepCommon {
  if?: Logic;
}

export interface CallStep extends Guarded, StepDefaults {
  /** The activity's name, `orders.create`. */
  call: string;
  with?: Record<string, Template>;
}

export interface EmitStep extends Guarded {
  /** The outbound event type, `order.created`. */
  emit: string;
  with?: Record<string, Template>;
}

export interface WaitStep extends Guarded {
  /** A duration, or `{ "until": <template of an RFC 3339 instant> }`. */
  wait: Duration | { until: Template };
}

export interface SetStep extends Guarded {
  /** Assigns `vars.<name>`; all templates see the values before the step. */
  set: Record<string, Template>;
}

export interface ParallelStep extends Guarded {
  /** Branches run at once; the first failure cancels the others and fails the step. */
  parallel: Step[];
}

export interface BranchStep extends StepCommon {
  if: Logic;
  then: Step[];
  else?: Step[];
}

export type Step = CallStep | EmitStep | WaitStep | SetStep | ParallelStep | BranchStep;
export type Verb = 'call' | 'emit' | 'wait' | 'set' | 'parallel' | 'if';

/** `done`: finished; `skipped`: its guard was false, or its branch was not taken. */
export type StepStatus = 'pending' | 'running' | 'done' | 'skipped' | 'failed' | 'canceled';

/** The argument of every workflow that Kait starts. Written into history: fields may be added, never change meaning. */
export interface RunInput {
  definition: Definition;
  /** SHA-256 (hex) of the definition's canonical JSON. */
  definitionHash: string;
  event: CanonicalEvent;
  /** Names of activities that run as local activities; recorded so that a later change does not alter this run. */
  localActivities: string[];
}

/** Second argument of every activity. Activity functions are `(input, context) => output`. */
export interface CallContext {
  /** `<workflow id>/<step id>`; an effect happens once per key. */
  idempotencyKey: string;
  source: string;
  eventId: string;
}

export type CallInput = JsonObject;
