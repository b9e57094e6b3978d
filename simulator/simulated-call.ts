import { isObject, type Json } from '../language/json.ts';
import { pauseAfterMs, type RetryMs } from '../language/retry.ts';
import type { CallRequest } from '../workflows/effects.ts';
import type { MockAnswer } from './mocks.ts';
import { Canceled } from './scopes.ts';

/** The error of a call whose attempts are over. */
export class CallFailed extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = 'CallFailed';
    this.type = type;
  }
}

export interface CallDeps {
  nowMs: () => number;
  /** Rejects with {@link Canceled} if the call's scope is canceled. */
  sleep: (ms: number) => Promise<void>;
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
  outcome: 'done' | 'timedOut' | 'canceled' | { type: string; message: string };
  /** No mock gave the result. */
  madeUp: boolean;
}

type Outcome = { result: Json; madeUp: boolean } | { failure: CallFailed; final: boolean };

/**
 * Carries out a call as Temporal would: attempts of at most `timeoutMs` with growing pauses between them, until one succeeds or
 * fails with an error that is not retried, `attempts` are used up, or the next attempt would begin after the deadline. Resolves to
 * the result, rejects with the last attempt's {@link CallFailed}. A canceled attempt ends at once.
 */
export async function simulateCall(request: CallRequest, deps: CallDeps): Promise<Json> {
  const deadlineMs = deps.nowMs() + (request.deadlineMs ?? Infinity);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await runAttempt(request, deadlineMs, deps);
    if ('result' in outcome) return outcome.result;
    const pauseMs = pauseAfterMs(attempt, request.retry);
    const over = outcome.final || attempt >= request.retry.attempts || deps.nowMs() + pauseMs > deadlineMs;
    if (over) throw outcome.failure;
    await deps.sleep(pauseMs);
  }
}

async function runAttempt(request: CallRequest, deadlineMs: number, deps: CallDeps): Promise<Outcome> {
  const startedMs = deps.nowMs();
  const ended = (outcome: Attempt['outcome'], madeUp: boolean) =>
    deps.attempted({ startedMs, endedMs: deps.nowMs(), outcome, madeUp });
  const answer = deps.nextAnswer();
  const limitMs = Math.min(request.timeoutMs, deadlineMs - startedMs);
  try {
    await deps.sleep(Math.min(answer.afterMs, limitMs));
  } catch (error) {
    if (error instanceof Canceled) ended('canceled', false);
    throw error;
  }
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
    failure: new CallFailed('TimedOut', `activity ${limit} timeout`),
    final: atDeadline || except.includes('TimedOut'),
  };
}

function outcomeOf(answer: MockAnswer, { retry }: CallRequest, deps: CallDeps): Outcome {
  const fault = deps.inputFault();
  if (fault !== undefined) return { failure: new CallFailed('InputInvalid', fault), final: true };
  if (answer.error !== undefined) {
    const { type, message, retryable = !deps.finalErrors.includes(type) } = answer.error;
    return { failure: new CallFailed(type, message), final: !retryable || retry.except.includes(type) };
  }
  if (answer.result === undefined) return { result: deps.madeUp(), madeUp: true };
  return { result: filledUp(answer.result, deps.madeUp()), madeUp: false };
}

/** Adds the members of the activity's output that the mock leaves out. */
function filledUp(result: Json, madeUp: Json): Json {
  return isObject(result) && isObject(madeUp) ? { ...madeUp, ...result } : result;
}
