import { ApplicationFailure } from '@temporalio/common';
import type { JsonObject } from '../language/json.ts';
import { wellFormed } from '../language/well-formed.ts';

/** What is known about a failure of a certain type. */
interface FailureMeaning {
  /** `permanent`: the same call can never succeed, so it is not retried. `transient`: Temporal retries it. */
  kind: 'permanent' | 'transient';
  /**
   * `none`: the attempt has changed nothing. `unknown`: it may have, so the step is in doubt and `undo` may be due. The activity
   * can know better than its type: see {@link activityFailure}.
   */
  effect: FailureEffect;
  meaning: string;
}

type FailureEffect = 'none' | 'unknown';

/** Every deliberate failure of an activity. The key is the failure's `type` in Temporal's history. */
export const failureTypes = {
  InputInvalid: { kind: 'permanent', effect: 'none', meaning: 'The step gave the activity values that it cannot use.' },
  RunRefused: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'Kait did not start this run, or its definition was never served. Nothing acts for it.',
  },
  ActivityUnknown: {
    kind: 'transient',
    effect: 'none',
    meaning: 'The worker has no such activity; during a deployment, another may.',
  },
  EventUnknown: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The event is not in the inbox, or its body or its details have been deleted.',
  },
  Unconfirmed: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The gateway’s API contradicts its webhook, or the webhook lacks what Kait has to compare.',
  },
  RequestNotKept: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The request to forward is incomplete: its body has been deleted, or a header was not kept.',
  },
  TemplateUnknown: { kind: 'permanent', effect: 'none', meaning: 'No mail template has this name.' },
  TemplateValueMissing: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'A mail template refers to a value that does not exist.',
  },
  MailRefused: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The mail server permanently refused the mail (SMTP 5xx).',
  },
  SecretUnavailable: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'A secret is not configured, or definitions may not read it.',
  },
  SecretNotAllowed: {
    kind: 'permanent',
    effect: 'none',
    meaning: '`definitions/secrets.json` does not let this definition send the secret to this host. Nothing was sent.',
  },
  SecretsUnreadable: {
    kind: 'transient',
    effect: 'none',
    meaning:
      '`definitions/secrets.json` has a mistake or is gone, so that no secret is sent until it is corrected. Or the worker lacks the key of `KAIT_SECRETS_KEY` that opens the secrets of an endpoint.',
  },
  AddressRefused: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The URL leads into a private network that `KAIT_OUTBOUND_ALLOW` does not name.',
  },
  ResponseRefused: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The receiver answered with a status that a retry cannot change.',
  },
  GatewayRefused: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The gateway could not be asked, and a retry cannot change that.',
  },
  ResponseTooLarge: { kind: 'permanent', effect: 'unknown', meaning: 'The answer is larger than a step may hold.' },
  ChildLost: {
    kind: 'permanent',
    effect: 'unknown',
    meaning: 'Temporal deleted the child run of a `run` step before this run learned how it ended.',
  },
  ChildRunning: {
    kind: 'transient',
    effect: 'none',
    meaning: 'The child run of a `run` step is still open. The step asks again, at most a minute later.',
  },
  DeliveryUnknown: { kind: 'permanent', effect: 'none', meaning: 'The delivery is not in the database.' },
  DeliveryRefused: {
    kind: 'permanent',
    effect: 'none',
    meaning:
      'The endpoint is removed, disabled, gone (HTTP 410), or in a private network that `KAIT_OUTBOUND_ALLOW` does not name.',
  },
  AnswerLate: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'No receiver of a webhook has answered on its callback URL in time. For the step, that is its time-out.',
  },
  DeliveryExhausted: {
    kind: 'permanent',
    effect: 'unknown',
    meaning:
      'The last attempt of the retry schedule failed. As the failure of a step: a delivery for which it waited ended without success.',
  },
  SqlFailed: {
    kind: 'transient',
    effect: 'none',
    meaning: 'A statement of an activity of your own failed. Its transaction was rolled back.',
  },
  OutputInvalid: {
    kind: 'permanent',
    effect: 'unknown',
    meaning:
      'An activity of your own returned what its output schema does not allow, or too much. A transaction was rolled back; a step of another kind, or in another language, is in doubt.',
  },
  KeyReused: {
    kind: 'permanent',
    effect: 'unknown',
    meaning:
      'Another activity, or the same one with another input, has had its effect under this step’s idempotency key. This attempt has changed nothing.',
  },
  ActivityFailed: {
    kind: 'transient',
    effect: 'unknown',
    meaning: 'An activity of your own threw something without a type of its own, or its worker stopped meanwhile.',
  },
  DatabaseRefused: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The database cannot hold a value (SQLSTATE class 22).',
  },
  DatabaseUnavailable: { kind: 'transient', effect: 'unknown', meaning: 'The database is not available.' },
  MailUnavailable: {
    kind: 'transient',
    effect: 'unknown',
    meaning: 'The mail server is unreachable or asks to try later (SMTP 4xx).',
  },
  MailInFlight: {
    kind: 'transient',
    effect: 'unknown',
    meaning: 'Another attempt is sending the same mail at the moment.',
  },
  ReceiverUnavailable: {
    kind: 'transient',
    effect: 'unknown',
    meaning: 'The receiver is unreachable, too slow, or asks to try later.',
  },
  UnconfirmedYet: {
    kind: 'transient',
    effect: 'none',
    meaning: 'The gateway’s API contradicts its webhook, but the webhook is so new that the API may lag behind.',
  },
  GatewayUnavailable: {
    kind: 'transient',
    effect: 'none',
    meaning: 'The gateway is unreachable, too slow, asks to try later, or does not accept the API key.',
  },
  DeliveryNotDue: { kind: 'transient', effect: 'none', meaning: 'The pause before the next attempt is not over.' },
  DeliveryPending: {
    kind: 'transient',
    effect: 'none',
    meaning: 'A delivery for which an `emit` step waits has not ended. The step asks again, at most a minute later.',
  },
  DeliveryParked: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'Nothing may be sent to the endpoint now. Kait starts the delivery again when something may.',
  },
  AnswerPending: {
    kind: 'transient',
    effect: 'none',
    meaning:
      'No receiver of a webhook has answered on its callback URL yet. The `emit` step that waits for it asks again, at most a minute later.',
  },
  PublicUrlMissing: {
    kind: 'transient',
    effect: 'none',
    meaning: 'A receiver is to answer on a callback URL, but the worker has no `KAIT_PUBLIC_URL`. Nothing was sent.',
  },
  DeliveryFailed: {
    kind: 'transient',
    effect: 'unknown',
    meaning: 'An attempt failed, and the retry schedule has more.',
  },
  TimedOut: {
    kind: 'transient',
    effect: 'unknown',
    meaning:
      'A time limit ended it: the `timeout` of an attempt, its heartbeats, the `deadline` of all attempts (not retried), of a group or of a run, a wait, or the life of a child run.',
  },
} as const satisfies Record<string, FailureMeaning>;

/** The failures that come from the interpreter, or from Temporal, and not from an activity. None of them is retried. */
export const runFailureTypes = {
  ActivityCanceled: {
    kind: 'permanent',
    effect: 'unknown',
    meaning: 'Somebody canceled an activity, but not its run.',
  },
  ChildCanceled: {
    kind: 'permanent',
    effect: 'unknown',
    meaning: 'Somebody canceled the child run of a `run` step, but not this run.',
  },
  ChildTerminated: {
    kind: 'permanent',
    effect: 'unknown',
    meaning: 'Somebody terminated the child run of a `run` step. It undid nothing.',
  },
  UndoFailed: {
    kind: 'permanent',
    effect: 'unknown',
    meaning: 'A run was canceled, and something that it did could not be undone.',
  },
  DefinitionUnknown: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'A `run` step names a definition that did not exist when the run began.',
  },
  ExpressionFailed: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'A path finds nothing, or an operator got a value that it does not accept.',
  },
  TooLarge: {
    kind: 'permanent',
    effect: 'none',
    meaning:
      'A `forEach` has too many items, a request takes more than 1.8 MB, or what a long run knows is too large to continue as new.',
  },
  Rejected: { kind: 'permanent', effect: 'none', meaning: 'Somebody answered an `approve` step with no.' },
  TooManyIterations: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'The condition of a `while` still held after `max` iterations.',
  },
  AllFailed: { kind: 'permanent', effect: 'none', meaning: 'Nothing succeeded in a step with `"join": "first"`.' },
  TooFewSucceeded: {
    kind: 'permanent',
    effect: 'none',
    meaning: 'Too few branches succeeded in a `parallel` with `"join": { "count": … }`.',
  },
  InternalError: {
    kind: 'permanent',
    effect: 'unknown',
    meaning: 'An error inside Kait. Its steps are undone as after any failure. Please report it.',
  },
  Failed: { kind: 'permanent', effect: 'none', meaning: 'A `fail` step without a `type`.' },
} as const satisfies Record<string, FailureMeaning>;

export type FailureType = keyof typeof failureTypes;

/**
 * The error that an activity throws. `message` and `detail` enter Temporal's history, the message also the logs: no secrets, and no
 * bodies but the bounded one of an answer, which a handler may read.
 * `effect` replaces the type's own if the activity knows better. `nextRetryDelayMs` replaces the retry policy's own pause before
 * the next attempt.
 */
export function activityFailure(
  type: FailureType,
  message: string,
  options: {
    detail?: JsonObject;
    effect?: FailureEffect;
    nextRetryDelayMs?: number;
  } = {},
): ApplicationFailure {
  const { kind, effect } = failureTypes[type];
  return ApplicationFailure.create({
    type,
    message: wellFormed(message), // Temporal takes no half characters, which an answer or a customer's text may hold.
    nonRetryable: kind === 'permanent',
    details: [{ ...options.detail, effect: options.effect ?? effect }],
    ...(options.nextRetryDelayMs !== undefined && { nextRetryDelay: options.nextRetryDelayMs }),
  });
}
