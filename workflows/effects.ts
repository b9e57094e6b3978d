import type { ApprovalRules } from '../language/approval.ts';
import type { EarlierEvents, EventClaim } from '../language/earlier-events.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { Rescue } from '../language/rescue.ts';
import type { RetryMs } from '../language/retry.ts';
import type { TurnEnd } from '../language/turns.ts';
import type { CommandRefusal, NumberedCommand } from './commands.ts';
import type { NumberedDecision, Settled } from './mailbox.ts';

/**
 * A run's effects on the world. Hosts implement them: Temporal (`temporal-effects.ts`), the simulator, tests. Any call may
 * throw and any promise may reject; the interpreter then fails the step.
 */
export interface Effects {
  /**
   * Runs an activity to its end, retries included. Rejects if it fails for good or the run is canceled. If operators may interfere, `begun` is
   * called when the activity is requested, with what ends it: its outcome is awaited then, too. It is not called for local activities: a
   * replay could see a command before the activity that it is about.
   */
  call(request: CallRequest, begun?: (end: () => void) => void): Promise<Json>;
  /** Starts a run of another definition. Resolves once it has started. It replaces a failed run with the same key. */
  startChild(request: ChildRequest): Promise<StartedChild>;
  /**
   * Waits for the end of a run that `startChild` has started, even if that was before this run continued as new. Rejects if the
   * other run fails, or is canceled or terminated. A cancellation of this run cancels the other one, and waits for its end.
   */
  childResult(request: ChildRequest, started: StartedChild): Promise<ChildResult>;
  /** Resolves after `ms` on the host's clock. Operators see `summary` beside the timer. */
  sleep(ms: number, summary: string): Promise<void>;
  /**
   * Resolves to true as soon as `holds` returns true, or to false after `ms`. The host asks again after every change that could
   * matter. Null: only the run's own time limit applies.
   */
  waitUntil(holds: () => boolean, ms: number | null, summary: string): Promise<boolean>;
  /**
   * Registers a `waitFor` step, so that events which are stored from now on reach the run, and looks for those that were stored before. With
   * `after`, only looks on from there.
   */
  openWait(request: WaitRequest): Promise<EarlierEvents>;
  /** Takes an event for the step, unless another step of the run has taken it. */
  claimEvent(step: StepIdentity, event: Pick<CanonicalEvent, 'source' | 'id'>): Promise<EventClaim>;
  /** Ends the wait of a step. */
  closeWait(step: StepIdentity): Promise<void>;
  /** Gives the run's turn back, so that the next run of the definition may start. Only for a run that has one. */
  endTurn(how: TurnEnd): Promise<void>;
  /** Records that a step asks people, so that they find it. Safe to repeat. */
  openApproval(request: ApprovalRequest): Promise<void>;
  /** Records an answer, if its person may give it. Safe to repeat. */
  recordDecision(step: StepIdentity, decision: RecordedDecision): Promise<Settled>;
  /** Records how a step's asking ended. */
  closeApproval(step: StepIdentity, outcome: ApprovalOutcome): Promise<void>;
  /** Mails those who may answer and have not. `round` 0 is the first mail. A mail that was sent is not sent again. */
  mailApproval(step: StepIdentity, round: number): Promise<void>;
  /** Takes no answer to a webhook from now on, unless one came before. `key`: that of the call which asks for it. */
  closeAnswers(step: StepIdentity): Promise<void>;
  /** Records what an operator commands, in the audit. Safe to repeat. Resolves to why the command is not carried out, or to null. */
  recordCommand(command: NumberedCommand): Promise<CommandRefusal | null>;
  /** Records that the run goes on with another version of its definition. Safe to repeat. */
  migrated(definitionHash: string): Promise<void>;
  /** Resolves in a later task of the host, if it has tasks, whatever is canceled. */
  nextTask(): Promise<void>;
  /** The host's clock in Unix milliseconds. A replay gets the same value. */
  now(): number;
  /** Runs `work` so that `cancel` makes everything it awaits reject with a cancellation. */
  cancelable<Value>(work: () => Promise<Value>): { done: Promise<Value>; cancel: () => void };
  /** Runs `work` to its end, even if the run is canceled meanwhile or was canceled before. */
  shielded<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Whether the calling code is within work that was canceled, and not shielded from that. */
  isCanceled(): boolean;
  /** Whether the run itself was canceled, even if the calling code is shielded from that. */
  isRunCanceled(): boolean;
  /** What to throw in order to end canceled work. */
  cancellation(): Error;
  /** Whether the run has become so long that it should continue as new. */
  isLong(): boolean;
  /**
   * Whether a rejection is a cancellation. One that comes from an activity or another run may be somebody else's doing: only with
   * {@link isCanceled} does it mean that the calling code was canceled.
   */
  isCancellation(error: unknown): boolean;
  /** Whether a call that failed, or another run, may have had its effect nevertheless. */
  isInDoubt(error: unknown): boolean;
  /** Why an effect failed. */
  describe(error: unknown): StepError;
}

export interface StepError {
  /** The type that `catch` and `retry.except` match. */
  type: string;
  /** One line. */
  message: string;
  /** What an `http` step was answered, if that is the failure. */
  answer?: UnexpectedAnswer;
}

/** An answer that an `http` step did not expect. JSON, and of bounded size: see `activities/http-answer.ts`. */
export interface UnexpectedAnswer {
  status: number;
  /** Parsed if it is JSON. A long one is cut, and a text then. */
  body: Json;
  /** Lower-case names; those that answers keep. */
  headers: Record<string, string>;
}

export interface CallRequest {
  /**
   * `<step id>`, followed by the index of each enclosing loop and by the generation, if that is not the first: `pay/3`, `pay/3~2`. The last
   * part of the idempotency key.
   */
  key: string;
  stepId: string;
  /** The hash of the definition that asks, if it is a child run's whose effects this run undoes. */
  definition?: string;
  activity: string;
  input: JsonObject;
  summary: string;
  /** Time limit of one attempt. */
  timeoutMs: number;
  /** Time limit of all attempts and the pauses between them; null: none. */
  deadlineMs: number | null;
  /** How often an attempt must show that it is alive; null: never. */
  heartbeatMs: number | null;
  retry: RetryMs;
}

export interface StepIdentity {
  /** See {@link CallRequest.key}. */
  key: string;
  stepId: string;
  summary: string;
}

/** What a `waitFor` step waits for. */
export interface WaitRequest extends StepIdentity {
  /** Canonical or native. */
  types: string[];
  sources: string[];
  /** Paths into the awaited event, with texts, numbers and truth values. */
  match: JsonObject;
  lookBackMs: number;
  /** Unix ms. */
  untilMs: number;
  /** Null: the step begins to wait. Otherwise the row of the inbox from which to look on. */
  after: number | null;
  /** How many looks there were before this one. */
  looks: number;
}

/** What an `approve` step asks. */
export interface ApprovalRequest extends StepIdentity {
  question: string;
  /** Label and text. */
  details: [label: string, text: string][];
  rules: ApprovalRules;
  requester: string | null;
  /** Whom to mail, and what. Null: nobody. */
  mail: { to: string[] | null; subject: string | null; text: string | null } | null;
  /** Unix ms. */
  untilMs: number;
}

export interface RecordedDecision extends NumberedDecision {
  rules: ApprovalRules;
  /** How many answers the step has dealt with before. */
  number: number;
}

/** `ended`: the run, or the branch with the step, ended otherwise. */
export type ApprovalOutcome = 'approved' | 'rejected' | 'timed-out' | 'ended';

export interface ChildRequest {
  /** See {@link CallRequest.key}. */
  key: string;
  stepId: string;
  /** The other definition's name. */
  definition: string;
  vars: JsonObject;
  summary: string;
  /** How the other run goes on from one that has ended, if it does. */
  rescue?: Rescue;
  /** Whether this run goes on without waiting for the other one, which then outlives a cancellation of this one. */
  detach: boolean;
}

/** A child run, so that its parent finds it again after continuing as new. JSON. */
export interface StartedChild {
  workflowId: string;
  /** Identifies the run among all that ever have the workflow's id. */
  runId: string;
}

export interface ChildResult {
  output: Json;
  /** How to undo what the other run has done. Keys count from that run. */
  undo: UndoEntry[];
}

/** How to undo a step. JSON, since a run that continues as new carries it along, and a child run hands it up. */
export interface UndoEntry {
  /** The key of the step to undo. */
  key: string;
  stepId: string;
  /** Whether the step may have had its effect, or may not. Otherwise it certainly had. */
  inDoubt: boolean;
  /** Null if a template of the undo failed. */
  request: CallRequest | null;
  /** Why there is no request. */
  fault?: StepError;
  /** See `Frame.races`. */
  races: readonly string[];
}

/** What became of a step's effect once its run, or its branch, failed. */
export interface Undone {
  /** `left`: nothing undid it, because of `onFail`, or because the step has no `undo` for this case. */
  outcome: 'done' | 'failed' | 'left';
  /** See {@link UndoEntry.inDoubt}. */
  inDoubt: boolean;
}
