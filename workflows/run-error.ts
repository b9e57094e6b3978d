import type { JsonObject } from '../language/json.ts';
import type { StepError, UnexpectedAnswer } from './effects.ts';
import { cutText } from '../language/well-formed.ts';

/**
 * UTF-16 code units. A failure is repeated at each level of child runs, and Temporal takes 2 MB of it; what a sender wrote may be part of
 * it.
 */
export const mostMessageLength = 10_000;

/**
 * Why a step failed, and usually the run with it. A `catch` may handle it. Otherwise the host fails the run, which is never
 * retried.
 */
export class RunError extends Error {
  /**
   * The type that `catch` matches and operators filter by: the activity's, the `fail` step's, or one of the interpreter's own:
   * `ExpressionFailed`, `TooLarge`, `TimedOut`, `Rejected`, `TooManyIterations`, `AllFailed`, `TooFewSucceeded`,
   * `DefinitionUnknown`, `InternalError`.
   */
  readonly type: string;
  /** The step that failed; null if it was the run's `output` or `vars`. */
  readonly stepId: string | null;
  /** Set if it is the failure of an `http` step that was answered. */
  readonly answer: UnexpectedAnswer | undefined;

  constructor(
    type: string,
    stepId: string | null,
    message: string,
    options: { cause?: unknown; answer?: UnexpectedAnswer } = {},
  ) {
    const { answer, ...rest } = options;
    super(cutText(message, mostMessageLength), rest);
    this.name = 'RunError';
    this.type = type;
    this.stepId = stepId;
    this.answer = answer;
  }
}

/** A failure that other steps handle, as JSON. */
export type Caught = StepError & { step: string | null };

export function caughtFrom({ type, message, stepId, answer }: RunError): Caught {
  return { type, message, step: stepId, ...(answer && { answer }) };
}

/** What the steps that handle a failure see as `error`. */
export function errorInScope({ type, message, step, answer }: Caught): JsonObject {
  const { status = null, body = null, headers = null } = answer ?? {};
  return { type, message, step, status, body, headers };
}

/** The failure with another sentence, which is never cut. */
export function withMore({ type, stepId, message, cause, answer }: RunError, sentence: string): RunError {
  const more = cutText(sentence, mostMessageLength / 2);
  return new RunError(type, stepId, `${cutText(message, mostMessageLength / 2)}. ${more}`, {
    cause,
    ...(answer && { answer }),
  });
}

/** A `stop` step on its way up. It is not a failure, so nothing catches it. */
export class RunStopped extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RunStopped';
  }
}
