import { isObject, type Json } from '../language/json.ts';
import { pauseAfterMs, type RetryMs } from '../language/retry.ts';
import type { CallRequest, UnexpectedAnswer } from '../workflows/effects.ts';
import type { MockAnswer } from './mocks.ts';
import { Canceled } from './scopes.ts';

/** The error of a call whose attempts are over. */
export class CallFailed extends Error {
  readonly type: string;
  /** Whether an attempt may have had its effect nevertheless. */
  readonly inDoubt: boolean;

  /** What an `http` step was answered. */
  readonly answer: UnexpectedAnswer | undefined;

  constructor(type: string, message: string, inDoubt: boolean, answer?: UnexpectedAnswer) {
    super(message);
    this.name = 'CallFailed';
    this.type = type;
    this.inDoubt = inDoubt;
    this.answer = answer;
  }
}

export interface CallDeps {
  nowMs: () => number;
  /** Rejects with {@link Canceled} if the call's scope is canceled. */
  sleep: (ms: number) => Promise<void>;
  /** Like `sleep`, but goes on if the call's scope is canceled. */
  wait: (ms: number) => Promise<void>;
  /** Whether the call's scope is canceled. */
  isCanceled: () => boolean;
  /** Error types after which an attempt has certainly had no effect, unless the mock says otherwise. */
  harmlessErrors: readonly string[];
  /** The answer of the next attempt. */
  nextAnswer: () => MockAnswer;
  madeUp: () => Json;
  /** Why the activity would not accept its input; undefined if it would. */
  inputFault: () => string | undefined;
  /** Error types that are not retried unless the mock says otherwise. */
  finalErrors: readonly string[];
  /** Called when an attempt has ended. */
  attempted: (attempt: Attempt) => void;
}

export interface Attempt {
  startedMs: number;
  endedMs: number;
  outcome: 'done' | 'timedOut' | { type: string; message: string };
  /** No mock gave the result. */
  madeUp: boolean;
}

type Outcome = { result: Json; madeUp: boolean } | { failure: CallFailed; final: boolean };

/**
 * Carries out a call as Temporal would: attempts of at most `timeoutMs` with growing pauses between them, until one succeeds or
 * fails with an error that is not retried, or `attempts` are used up, or the next attempt would begin after the deadline. Resolves
 * to the result, rejects with the last attempt's {@link CallFailed}, or with `TimedOut` at the deadline. If the call is canceled,
 * the attempt under way ends as it would have, and none follows.
 */
export async function simulateCall(request: CallRequest, deps: CallDeps): Promise<Json> {
  if (deps.isCanceled()) throw new Canceled();
  const deadlineMs = deps.nowMs() + (request.deadlineMs ?? Infinity);
  let inDoubt = false;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await runAttempt(request, deadlineMs, deps);
    if ('result' in outcome) return outcome.result;
    const { type, message, answer } = outcome.failure;
    inDoubt ||= outcome.failure.inDoubt;
    const pauseMs = pauseAfterMs(attempt, request.retry);
    const last = outcome.final || attempt >= request.retry.attempts || deps.isCanceled();
    if (last) throw new CallFailed(type, message, inDoubt, answer);
    if (deps.nowMs() + pauseMs > deadlineMs) throw new CallFailed('TimedOut', message, inDoubt);
    try {
      await deps.sleep(pauseMs);
    } catch (error) {
      // Temporal does not tell a run that is canceled in a pause what the attempts before were like.
      throw error instanceof Canceled ? new CallFailed(type, message, true, answer) : error;
    }
  }
}

async function runAttempt(request: CallRequest, deadlineMs: number, deps: CallDeps): Promise<Outcome> {
  const startedMs = deps.nowMs();
  const ended = (outcome: Attempt['outcome'], madeUp: boolean) =>
    deps.attempted({ startedMs, endedMs: deps.nowMs(), outcome, madeUp });
  const answer = deps.nextAnswer();
  const limitMs = Math.min(request.timeoutMs, deadlineMs - startedMs);
  await deps.wait(Math.min(answer.afterMs, limitMs));
  const outcome =
    answer.afterMs > limitMs ? timedOut(limitMs < request.timeoutMs, request.retry) : outcomeOf(answer, request, deps);
  if ('result' in outcome) ended('done', outcome.madeUp);
  else if (outcome.failure.type === 'TimedOut') ended('timedOut', false);
  else ended({ type: outcome.failure.type, message: outcome.failure.message }, false);
  return outcome;
}

/** In the words of Temporal's server. */
function timedOut(atDeadline: boolean, { except }: RetryMs): Outcome {
  const limit = atDeadline ? 'ScheduleToClose' : 'StartToClose';
  return {
    failure: new CallFailed('TimedOut', `activity ${limit} timeout`, true),
    final: atDeadline || except.includes('TimedOut'),
  };
}

function outcomeOf(answer: MockAnswer, { retry }: CallRequest, deps: CallDeps): Outcome {
  const fault = deps.inputFault();
  if (fault !== undefined) return { failure: new CallFailed('InputInvalid', fault, false), final: true };
  if (answer.error !== undefined) {
    const { type, message, retryable = !deps.finalErrors.includes(type), answer: said } = answer.error;
    const { inDoubt = !deps.harmlessErrors.includes(type) } = answer.error;
    return { failure: new CallFailed(type, message, inDoubt, said), final: !retryable || retry.except.includes(type) };
  }
  if (answer.result === undefined) return { result: deps.madeUp(), madeUp: true };
  return { result: filledUp(answer.result, deps.madeUp()), madeUp: false };
}

/** Adds the members of the activity's output that the mock leaves out. */
function filledUp(result: Json, madeUp: Json): Json {
  return isObject(result) && isObject(madeUp) ? { ...madeUp, ...result } : result;
}

/** The message of an error's root cause. */
export function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? innermostMessage(error.cause) : error.message;
}
