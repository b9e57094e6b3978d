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
  /** `"run"`: only another definition's `run` step starts it, for that run's event. */
  on: Trigger | 'run';
  defaults?: StepDefaults;
  /** What happens when a step fails and nothing in the definition handles it. Default: `undo` where any `undo` is declared. */
  onFail?: FailurePolicy;
  /** Initial values of `vars`; templates see only `event` and `run`. What a `run` step passes in `with` replaces them. */
  vars?: Record<string, Template>;
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

/**
 * `undo`: completed steps are undone in reverse order, then the run fails. `park`: the run stays open at the step until
 * an operator retries it, skips it or gives its result. `fail`: the run fails at once.
 */
export type FailurePolicy = 'undo' | 'park' | 'fail';

export interface StepDefaults {
  /** One attempt's time limit. Default 30s. */
  timeout?: Duration;
  /** Limit of all attempts and the pauses between them. Default: none. */
  deadline?: Duration;
  /**
   * How often an attempt must show that it is alive; a worker that was killed is noticed after this time. Default 10s, and
   * never more than `timeout`.
   */
  heartbeat?: Duration;
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
  /** Error types that are not tried again. */
  except?: string[];
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

/** Runs an activity. */
export interface CallAction extends StepDefaults {
  /** The activity's name, `orders.create`. */
  call: string;
  with?: Record<string, Template>;
}

/** Sends one HTTP request. */
export interface HttpAction extends StepDefaults {
  /** The URL, a template. */
  http: string;
  /** Default `GET`, or `POST` where there is a body. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `{ "secret": "NAME" }` stands for the value of a secret, which only the activity looks up. */
  headers?: Record<string, Template>;
  /** Added to the URL, encoded. A list repeats its name; null leaves it out. */
  query?: Record<string, Template>;
  /** Text is sent as it is, anything else as JSON. */
  body?: Template;
  /** The statuses that count as success. Default 200 to 299. */
  expect?: number[];
}

/** Records an outbound webhook. */
export interface EmitAction {
  /** The outbound event type, `order.created`. */
  emit: string;
  with?: Record<string, Template>;
}

/** What takes a step's effect back. Its templates are filled in when the step completes. */
export type UndoAction = CallAction | HttpAction | EmitAction;

interface Undoable {
  undo?: UndoAction;
}

export interface CallStep extends Guarded, CallAction, Undoable {}
export interface HttpStep extends Guarded, HttpAction, Undoable {}
export interface EmitStep extends Guarded, EmitAction, Undoable {}

export interface WaitStep extends Guarded {
  /** A duration, or `{ "until": <template of an RFC 3339 instant> }`. */
  wait: Duration | { until: Template };
}

/** `fail`: the step fails with the type `TimedOut`. Steps run, and then the run goes on after the waiting step. */
export type OnTimeout = 'fail' | 'continue' | Step[];

export interface WaitForStep extends Guarded {
  /** Canonical or native event types; any may match. The output is the event, or null where none came in time. */
  waitFor: string | string[];
  /** Only events of these sources. Default: the source of the run's own event. */
  source?: string | string[];
  /** Paths into the event that came, and the values that they must have. */
  match?: Record<string, Template>;
  /** A further condition; sees the event that came as `signal`. */
  where?: Logic;
  timeout: Duration;
  /** Default `fail`. */
  onTimeout?: OnTimeout;
}

export interface ApproveStep extends Guarded {
  /** The question, a template of text. The output is `{ approved, by, comment, at }`, or null where nobody answered in time. */
  approve: string;
  timeout: Duration;
  /** Default `fail`. */
  onTimeout?: OnTimeout;
  /** What a "no" does. Default `fail`, with the type `Rejected`: nothing goes on because somebody forgot to look. */
  onReject?: 'fail' | 'continue' | Step[];
}

/**
 * `all`: the first failure cancels the others and fails the step. `settle`: every one runs to its end, and no failure fails
 * the step. `first`: the first to succeed wins, the others are canceled and what they have done is undone.
 */
export type Join = 'all' | 'settle' | 'first';

export interface ParallelStep extends Guarded {
  /** Branches that run at once. The output is `{ done: [ids], failed: [ids] }`. */
  parallel: Step[];
  /** Default `all`. */
  join?: Join;
}

export interface ForEachStep extends Guarded {
  /** The output is `{ count, done, failed: [{ index, error }], results }`. */
  forEach: {
    /** A template of a list. Evaluated once. */
    in: Template;
    /** A root by which the steps see the item, beside `item`; needed to see it from an inner loop. */
    as?: string;
    /** How many items run at once. Default 1, at most 100. */
    concurrency?: number;
    /** Default `all`. */
    join?: Join;
    /** `continue`: the item counts as failed and the loop goes on; steps handle it, and then it counts as done. Default `fail`. */
    onItemError?: 'fail' | 'continue' | Step[];
    /** Evaluated after each item that is done; the values are `results` in the output, null for the other items. */
    collect?: Template;
  };
  do: Step[];
}

export interface WhileStep extends Guarded {
  /** Tested before each iteration; `index` counts from 0. The output is `{ iterations }`. */
  while: Logic;
  /** The step fails with the type `TooManyIterations` where the condition still holds after so many. At most 10,000. */
  max: number;
  do: Step[];
}

export interface BranchStep extends StepCommon {
  if: Logic;
  then: Step[];
  else?: Step[];
}

export interface SwitchStep extends Guarded {
  /** The first case whose condition holds runs. */
  switch: { when: Logic; do: Step[] }[];
  /** Runs where none holds. Default: nothing. */
  default?: Step[];
}

export interface TryStep extends Guarded {
  try: Step[];
  /** The first that names the error's type, or names none, handles it. Its steps see `error`: `{ type, message, step }`. */
  catch?: { errors?: string[]; do: Step[] }[];
  /** Runs in any case, also when the run is canceled. */
  finally?: Step[];
}

export interface DoStep extends Guarded {
  do: Step[];
}

export interface RunStep extends Guarded {
  /** The name of another definition. Its run gets this run's event, and the id `<workflow id>/<step id>`. */
  run: string;
  /** Values for the other definition's `vars`. */
  with?: Record<string, Template>;
  /** Default false: the output is the other run's. True: it goes on by itself, and the output is `{ workflowId }`. */
  detach?: boolean;
}

export interface SetStep extends Guarded {
  /** Assigns `vars.<name>`; all templates see the values before the step. */
  set: Record<string, Template>;
}

export interface StopStep extends Guarded {
  /** Why, a template of text. The run completes at once; steps that have not run count as skipped. */
  stop: string;
}

export interface FailStep extends Guarded {
  /** The message, a template of text. */
  fail: string;
  /** The error's type, for `catch` and in Temporal. Default `Failed`. */
  type?: string;
}

/** Which step type a verb belongs to. */
export interface StepOf {
  call: CallStep;
  http: HttpStep;
  emit: EmitStep;
  wait: WaitStep;
  waitFor: WaitForStep;
  approve: ApproveStep;
  parallel: ParallelStep;
  forEach: ForEachStep;
  while: WhileStep;
  if: BranchStep;
  switch: SwitchStep;
  try: TryStep;
  do: DoStep;
  run: RunStep;
  set: SetStep;
  stop: StopStep;
  fail: FailStep;
}

export type Verb = keyof StepOf;
export type Step = StepOf[Verb];

/** `done`: finished; `skipped`: its guard was false, or its branch was not taken; `timedOut`: what it waited for did not come. */
export type StepStatus = 'pending' | 'running' | 'parked' | 'done' | 'skipped' | 'failed' | 'timedOut' | 'canceled';

/** The argument of every workflow that Kait starts. Written into history: fields may be added, never change meaning. */
export interface RunInput {
  definition: Definition;
  /** SHA-256 (hex) of the definition's canonical JSON. */
  definitionHash: string;
  event: CanonicalEvent;
  /** Names of activities that run as local activities; recorded so that a later change does not alter this run. */
  localActivities: string[];
  /** What `run` steps may start, by name, as it was when this run began; theirs included. */
  children?: Record<string, { definition: Definition; definitionHash: string }>;
  /** Values for the definition's `vars`, from the `run` step that started this run. */
  vars?: JsonObject;
  /** Steps that Kait puts before the definition's own: whether the gateway confirms the event. Child runs do not get them. */
  first?: Step[];
}

/** Second argument of every activity. Activity functions are `(input, context) => output`. */
export interface CallContext {
  /** `<workflow id>/<step id>`; an effect happens once per key. */
  idempotencyKey: string;
  source: string;
  eventId: string;
}
