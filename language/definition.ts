import type { CanonicalEvent } from './event.ts';
import type { ExternalCall } from './external-activity.ts';
import type { Json, JsonObject } from './json.ts';
import type { Rescue } from './rescue.ts';
import type { UrlTemplate } from './url-template.ts';

/** `500ms`, `30s`, `5m`, `24h`, `7d`. */
export type Duration = string;
/** JsonLogic, evaluated strictly: see `expression.ts`. */
export type Logic = Json;
/** JSON in which texts may contain `{{path}}` and an object whose only key is an operator is evaluated: see `expression.ts`. */
export type Template = Json;

/** A workflow definition as written, without comments. Runs carry an exact copy. */
export interface Definition {
  $schema?: string;
  /** `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`; shows as the Temporal workflow type. */
  name: string;
  title?: string;
  /** `"run"`: only `run` steps of other definitions start it, for the event of their run. */
  on: Trigger | 'run';
  /**
   * Runs with the same key go one at a time, in the order in which their events arrived. A template over `event` and `settings`; null: the run
   * has no key. See `turns.ts`.
   */
  key?: Template;
  /** Until when a run keeps its key. `active`, the default: until it first waits for an event, a person, or longer than a minute. */
  hold?: 'active' | 'run';
  limits?: RunLimits;
  /**
   * What becomes of the key of a run that fails. `skip`, the default: the next run has it. `block`: the key stays with the failed run until
   * an operator frees it or has the event run again. `park`: the run parks at the step that failed, and the next run has the key.
   */
  onPoison?: 'skip' | 'block' | 'park';
  defaults?: StepDefaults;
  /** What happens when a step fails and no step handles it. Default: `undo` if any step has an `undo`, else `fail`. */
  onFail?: FailurePolicy;
  /** Time limit of a whole run, from its start. Undoing, `onTimeout` and `afterUndo` do not count. */
  deadline?: Duration;
  /** What happens at the deadline. Default `fail`. After `continue` and after steps, the run completes with its output. */
  onTimeout?: OnTimeout;
  /** Run once a failed run is undone. They see `error`, with `notUndone`. Nothing undoes them, and their failure is not the run's. */
  afterUndo?: Step[];
  /** Initial values of `vars`. Their templates see only `event` and `run`. The `with` of a `run` step replaces them. */
  vars?: Record<string, Template>;
  steps: Step[];
  /** The run's result. Default null. */
  output?: Template;
}

/** When runs of a definition may start. All but `perKey` and `debounce` count all of its runs, whatever their keys. */
export interface RunLimits {
  /**
   * What becomes of an event while its key is taken. `queue`, the default: its run waits. `skip`: it starts no run. `latest`: its run waits,
   * and takes the place of others that wait.
   */
  perKey?: 'queue' | 'skip' | 'latest';
  /** A run starts when its key has had no new event for so long. Events that came before are merged into the last one. */
  debounce?: Duration;
  /** At most `max` starts in any time of this length. Others wait. */
  rate?: { max: number; per: Duration };
  /** How many runs may hold a turn at once. Others wait. */
  concurrent?: number;
}

/** What starts runs. See `triggers.ts`. */
export type Trigger = EventTrigger | ScheduleTrigger | ManualTrigger;

/** Starts a run at certain times. What the run sees as `event.data` is in `ScheduleData`. */
export interface ScheduleTrigger {
  /** When: five fields as in crontab, or `@daily` and the like. If there are several, each of them starts runs. See `cron.ts`. */
  schedule: string | string[];
  /** A name of the IANA database. Default `UTC`. */
  timezone?: string;
  /** How late a run may start, for example after an outage. If several times were missed, a run starts only for the last one. Default `1h`. */
  catchUp?: Duration;
  /** A guard over `event` and `settings`. Default: true. */
  if?: Logic;
}

/** Starts a run when somebody asks for one. */
export interface ManualTrigger {
  /** JSON Schema of the input, as far as `values/value-schema.ts` knows it. The run sees the input as `event.data`. */
  manual: JsonObject;
}

export interface EventTrigger {
  /** Canonical or native event types. One of them must match. */
  event: string | string[];
  /** Only events of these sources. Default: every source. */
  source?: string | string[];
  /** A guard over `event`. Default: true. */
  if?: Logic;
}

/**
 * `undo`: completed steps are undone in reverse order, then the run fails. `park`: the run stays open at the step until
 * an operator retries it, skips it or sets its result. `fail`: the run fails at once.
 */
export type FailurePolicy = 'undo' | 'park' | 'fail';

export interface StepDefaults {
  /** Time limit of one attempt. Default 30s. */
  timeout?: Duration;
  /** Time limit of all attempts and the pauses between them. Default: no limit. */
  deadline?: Duration;
  /**
   * How often an attempt must report that it is alive. A killed worker is noticed after this time. Default 10s, and never more
   * than `timeout`.
   */
  heartbeat?: Duration;
  retry?: Retry;
}

export interface Retry {
  /** The number of attempts, including the first. Default 20, about an hour with the other defaults. */
  attempts?: number;
  /** Pause after the first attempt. Default 1s. */
  first?: Duration;
  /** Default 2. */
  factor?: number;
  /** Longest pause. Default 5m. */
  max?: Duration;
  /** Error types that are not retried. */
  except?: string[];
}

interface StepCommon {
  /** Unique in the whole definition. Also the name of the activity or timer in Temporal. */
  id: string;
  /** Shown in the Web UI. Default: the id. */
  title?: string;
}

/** `if` on steps other than {@link IfStep}: the step is skipped if it is false. */
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
  /** The URL. Values in it are encoded for their place, unless it is `{ "raw": <text> }`. Its host is plain text. */
  http: UrlTemplate;
  /** Default: `GET`, or `POST` if there is a body. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `{ "secret": "NAME" }` stands for the value of a secret. Only the activity looks it up. See `secret-text.ts`. */
  headers?: Record<string, Template>;
  /** Query parameters, encoded into the URL. A list repeats the parameter; null omits it. */
  query?: Record<string, Template>;
  /** A text is sent as it is, anything else as JSON. */
  body?: Template;
  /** A body of the type `application/x-www-form-urlencoded`. A list repeats the field; null omits it. */
  form?: Record<string, Template>;
  /** Headers of the answer that its output keeps, beside those that it always keeps. */
  keepHeaders?: string[];
  /** The statuses that count as success. Default 200 to 299. */
  expect?: number[];
}

/** Records an outbound webhook. */
export interface EmitAction {
  /** The outbound event type, `order.created`. */
  emit: string;
  with?: Record<string, Template>;
  /** Whose endpoints get it, a template. Absent: the operator's own. */
  tenant?: string;
}

/**
 * The action that takes back the effect of a step. Its templates are filled in when the step ends. They also see
 * `step.idempotencyKey`, the key by which the receiver knows the effect, and `step.inDoubt`.
 */
export type UndoAction = CallAction | HttpAction | EmitAction;

/**
 * When a step is undone. `done`: if it was done. `maybe`: also if it failed or was canceled and may have been done all the same.
 * Its output is null then.
 */
export type UndoWhen = 'done' | 'maybe';

interface Undoable {
  undo?: UndoAction;
  /** Default: see `undoWhenOf`. */
  undoWhen?: UndoWhen;
}

export interface CallStep extends Guarded, CallAction, Undoable {}
export interface HttpStep extends Guarded, HttpAction, Undoable {}
export interface EmitStep extends Guarded, EmitAction, Undoable {
  /**
   * Waits until each delivery has ended: for at most 7 days, or as long as is said. `ack`: until the first receiver has answered on its callback URL.
   */
  await?: 'delivered' | { delivered: Duration } | { ack: Duration };
  /** What to do if not all have ended in time, or nobody has answered. Default `fail`. */
  onTimeout?: OnTimeout;
  /** Run if a delivery ended without success; with `ack`, if all did and nobody has answered. Without it, the step fails with `DeliveryExhausted`. Implies `await`. */
  onExhausted?: Step[];
}

export interface WaitStep extends Guarded {
  /** A duration, or `{ "until": <template of an RFC 3339 instant> }`. */
  wait: Duration | { until: Template };
}

/** `fail`: the step fails with the error type `TimedOut`. With steps: they run, and the run continues after the waiting step. */
export type OnTimeout = 'fail' | 'continue' | Step[];

export interface WaitForStep extends Guarded {
  /** Canonical or native event types. One of them must match. The output is the event, or null if none matched in time. */
  waitFor: string | string[];
  /** Only events from these sources. Default: the source of the run's own event. */
  source?: string | string[];
  /** Paths into the awaited event, with the values that they must have. */
  match?: Record<string, Template>;
  /** Another condition. It sees the awaited event as `signal`. */
  where?: Logic;
  /** How far before the run's own event the awaited one may have come. Default: not at all. */
  lookBack?: Duration;
  timeout: Duration;
  /** Default `fail`. */
  onTimeout?: OnTimeout;
}

export interface ApproveStep extends Guarded {
  /** The question, a template of text. The output is `{ approved, by, reason, at, answers }`, or null if nobody answered in time. */
  approve: string;
  /** What those who are asked should know, by its label. Values are shown as text. */
  details?: Record<string, Template>;
  /** Who may answer. Default: anybody, and one answer is enough. */
  by?: ApproveBy;
  /** `required`: an answer counts only with a reason. Default `optional`. */
  reason?: 'optional' | 'required';
  /** Sends a link to those who may answer. */
  mail?: ApproveMail;
  /** When the mail is sent again to those who have not answered: after each such time, or at these times after the step began. */
  remind?: Duration | Duration[];
  timeout: Duration;
  /** Default `fail`. */
  onTimeout?: OnTimeout;
  /** What a "no" does. Default `fail`, with the error type `Rejected`. */
  onReject?: 'fail' | 'continue' | Step[];
}

/** The time limit of a group of steps. */
interface Limited {
  /** From the moment in which the group begins. */
  deadline?: Duration;
  /** What happens at the deadline, after what is under way was canceled. Default `fail`, with the error type `TimedOut`. */
  onTimeout?: OnTimeout;
  /** Whether what the group has done is undone at the deadline, before `onTimeout`. Default false: it stays. */
  undoOnTimeout?: boolean;
}

export interface ApproveBy {
  /** How many different people have to approve; one no rejects. Default 1. */
  min?: number;
  /** Roles of `definitions/people.json`. Whoever has one of them may answer. */
  roles?: string[];
  /** Ids of people who may answer, too. Templates of text. */
  people?: string[];
  /** The id or the mail address of who asked for it, a template of text. */
  requester?: string;
  /** Whether the requester must not answer. */
  notRequester?: boolean;
}

/** True: to all who may answer and have an address in `definitions/people.json`, except the requester. */
export type ApproveMail =
  | true
  | {
      /** Ids of people to ask instead. Templates of text. */
      to?: string[];
      /** A template of text. Default: the question. */
      subject?: string;
      /** What stands above the details and the link, a template of text. Default: the question. */
      text?: string;
    };

/**
 * `all`: the first failure cancels the others and fails the step. `settle`: all run to their end, and no failure fails the step.
 * `first`: the first to succeed wins; the others are canceled and their effects undone.
 */
export type Join = 'all' | 'settle' | 'first';

/**
 * As soon as `count` branches are done, the others are canceled and their effects undone. As soon as too few are left for that, the step
 * fails with the error type `TooFewSucceeded`. A branch that was skipped or timed out does not count.
 */
export interface Quorum {
  count: number;
}

export interface ParallelStep extends Guarded, Limited {
  /** Branches that run at the same time. The output is `{ done: [ids], failed: [ids] }`. */
  parallel: Step[];
  /** Default `all`. */
  join?: Join | Quorum;
}

export interface ForEachStep extends Guarded {
  /** The output is `{ count, done, failed: [{ index, error }], results }`. */
  forEach: {
    /** A template of a list. Evaluated once. */
    in: Template;
    /** Another root for the item, beside `item`. Inner loops see the item by it. */
    as?: string;
    /** How many items run at the same time. Default 1, at most 100. */
    concurrency?: number;
    /** Default `all`. */
    join?: Join;
    /** `continue`: the item counts as failed and the loop continues. Steps: they handle the failure, and the item counts as done. Default `fail`. */
    onItemError?: 'fail' | 'continue' | Step[];
    /** Evaluated after each item that is done. The values become `results` in the output, with null for the other items. */
    collect?: Template;
  };
  do: Step[];
}

export interface WhileStep extends Guarded {
  /** Tested before each iteration; `index` counts from 0. The output is `{ iterations }`. */
  while: Logic;
  /** The step fails with the error type `TooManyIterations` if the condition is still true after this many. At most 10,000. */
  max: number;
  do: Step[];
}

export interface IfStep extends StepCommon {
  if: Logic;
  then: Step[];
  else?: Step[];
}

export interface SwitchStep extends Guarded {
  /** The first case whose condition is true runs. */
  switch: { when: Logic; do: Step[] }[];
  /** Runs if no case matches. Default: nothing. */
  default?: Step[];
}

export interface TryStep extends Guarded {
  try: Step[];
  /** The first handler for the type of the error, or for all types, handles it. Its steps see `error`: `{ type, message, step, status, body, headers }`. */
  catch?: { errors?: string[]; do: Step[] }[];
  /** Always runs, even if the run is canceled. */
  finally?: Step[];
}

export interface DoStep extends Guarded, Limited {
  do: Step[];
}

/** Its `undo` replaces that of the other run's own steps. */
export interface RunStep extends Guarded, Undoable {
  /** The name of another definition. Its run gets this run's event and the id `<workflow id>/<step id>`. */
  run: string;
  /** Values for the other definition's `vars`. */
  with?: Record<string, Template>;
  /** Default false: the output is that of the other run. True: the step does not wait, and its output is `{ workflowId }`. */
  detach?: boolean;
}

export interface SetStep extends Guarded {
  /** Sets `vars.<name>`. All templates see the values from before the step. */
  set: Record<string, Template>;
}

export interface StopStep extends Guarded {
  /** The reason, a template of text. The run completes at once. Steps that have not run count as skipped. */
  stop: string;
}

export interface FailStep extends Guarded {
  /** The message, a template of text. */
  fail: string;
  /** The error type, for `catch` and in Temporal. Default `Failed`. */
  type?: string;
}

/** The step type of each verb. */
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
  if: IfStep;
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

/** `done`: finished. `skipped`: its guard was false or its branch not taken. `timedOut`: nothing arrived in time. */
export type StepStatus = 'pending' | 'running' | 'parked' | 'done' | 'skipped' | 'failed' | 'timedOut' | 'canceled';

/** The argument of every workflow that Kait starts. It is part of the history: fields may be added but never change meaning. */
export interface RunInput {
  definition: Definition;
  /** SHA-256 (hex) of the definition's canonical JSON. */
  definitionHash: string;
  event: CanonicalEvent;
  /** Names of activities that run as local activities. Recorded so that a later change does not alter this run. */
  localActivities: string[];
  /** What activities say of their own limits, by name. Recorded for the same reason. */
  activityLimits?: Record<string, StepDefaults>;
  /** The activities that workers of other programs run, by name: those that the run, its children or an `undo` may call. */
  external?: Record<string, ExternalCall>;
  /** The definitions that `run` steps may start, directly or indirectly, by name, as they were when this run began. */
  children?: Record<string, { definition: Definition; definitionHash: string }>;
  /** The values of the project's settings when this run began, if the definition or its children read any. */
  settings?: JsonObject;
  /** Values for the definition's `vars`, from the `run` step that started this run. */
  vars?: JsonObject;
  /** Whether a `run` step waits for this run, which then returns how to undo it beside its output. */
  handsUp?: boolean;
  /** Whether the run has a turn, which others may wait for: see `turns.ts`. Child runs have none of their own. */
  holdsTurn?: boolean;
  /** Steps that Kait runs before those of the definition, to confirm the event with the gateway. Child runs do not have them. */
  first?: Step[];
  /** Set if the event is large, so that its `data` holds only what the run can read: the paths that were kept. */
  reduced?: { kept: string[] };
  /** Whether Temporal's namespace had the search attributes for how the run stands when it began: see `run-standing.ts`. */
  showsState?: true;
  /** Proves that Kait wrote this input for this workflow id: see `storage/installation.ts`. Child runs have none. */
  seal?: string;
  /** Set in a run that goes on from one that has ended. */
  rescue?: Rescue;
  /** In a child run: the authority of the run that it descends from. */
  root?: Authority;
}

/** Tells activities that a run is Kait's own. The interpreter computes the digests (SHA-256, hex) of what the run was started with. */
export interface Authority {
  /** The run's; in a child run, that of the run that it descends from. So are the next two. */
  workflowId: string;
  /** Digest of the input without its seal. */
  input: string;
  /** The input's seal, or an empty text. */
  seal: string;
  /** In a child run: digest of its definition. */
  definition?: string;
}

/** Second argument of every activity. Activity functions are `(input, context) => output`. */
export interface CallContext {
  /** `<workflow id>/<step id>`. An effect happens once per key. */
  idempotencyKey: string;
  source: string;
  eventId: string;
  /** The name of the definition that asks. Set by `activities/authorize.ts` from what is proven; undefined if nothing is. */
  definition?: string | undefined;
}

/** What the interpreter passes. Activities see it once it is checked: see `activities/authorize.ts`. */
export interface UncheckedContext extends Omit<CallContext, 'definition'> {
  authority: Authority;
}
