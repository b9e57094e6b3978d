import { ApplicationFailure } from '@temporalio/common';

/**
 * Every way in which an activity ends on purpose. The key is the failure's `type` in Temporal's history.
 * `permanent`: the same call can never succeed, so it is not repeated. `transient`: Temporal repeats it on its schedule.
 */
export const failureTypes = {
  InputInvalid: { kind: 'permanent', meaning: 'The step gave the activity values that it cannot use.' },
  ActivityUnknown: { kind: 'transient', meaning: 'The worker has no such activity; during a deployment, another may.' },
  EventUnknown: { kind: 'permanent', meaning: 'The event is not in the inbox, or its body is no longer kept.' },
  Unconfirmed: {
    kind: 'permanent',
    meaning: 'Asked about the event, the gateway says something else than its webhook.',
  },
  RequestNotKept: {
    kind: 'permanent',
    meaning: 'What is to be forwarded of a request is not kept: its body is emptied, or a header was never kept.',
  },
  OrderUnknown: { kind: 'permanent', meaning: 'No order has this id.' },
  OrderCanceled: { kind: 'permanent', meaning: 'The order was canceled, so nothing more is granted on it.' },
  CurrencyMismatch: { kind: 'permanent', meaning: 'The amount is in another currency than its order.' },
  TemplateUnknown: { kind: 'permanent', meaning: 'No mail template has this name.' },
  TemplateValueMissing: { kind: 'permanent', meaning: 'A mail template names a value that is not there.' },
  MailRefused: { kind: 'permanent', meaning: 'The mail server refuses the mail for good (SMTP 5xx).' },
  SecretUnavailable: { kind: 'permanent', meaning: 'A secret is not configured, or definitions may not read it.' },
  AddressRefused: { kind: 'permanent', meaning: 'The URL leads into a network that the operator has not allowed.' },
  ResponseRefused: {
    kind: 'permanent',
    meaning: 'The receiver answered with a status that a repetition cannot change.',
  },
  GatewayRefused: {
    kind: 'permanent',
    meaning: 'The gateway could not be asked, and a repetition cannot change that.',
  },
  ResponseTooLarge: { kind: 'permanent', meaning: 'The answer is larger than a step may hold.' },
  DeliveryUnknown: { kind: 'permanent', meaning: 'The delivery is not in the database.' },
  DeliveryRefused: {
    kind: 'permanent',
    meaning: 'The endpoint is gone, disabled, or in a network that is not allowed.',
  },
  DeliveryExhausted: { kind: 'permanent', meaning: 'The last attempt of the retry schedule has failed.' },
  DatabaseRefused: { kind: 'permanent', meaning: 'The database cannot hold a value (SQLSTATE class 22).' },
  DatabaseUnavailable: { kind: 'transient', meaning: 'The database did not do what it was asked.' },
  MailUnavailable: { kind: 'transient', meaning: 'The mail server is not reachable or says later (SMTP 4xx).' },
  MailInFlight: { kind: 'transient', meaning: 'Another attempt is sending the same mail at this moment.' },
  ReceiverUnavailable: { kind: 'transient', meaning: 'The receiver is not reachable, too slow, or says later.' },
  UnconfirmedYet: {
    kind: 'transient',
    meaning: 'The gateway says something else than its webhook, which is so new that the answer may be behind.',
  },
  GatewayUnavailable: {
    kind: 'transient',
    meaning: 'The gateway is not reachable, too slow, says later, or does not take the API key.',
  },
  DeliveryFailed: { kind: 'transient', meaning: 'An attempt failed; the retry schedule has further ones.' },
} as const satisfies Record<string, { kind: 'permanent' | 'transient'; meaning: string }>;

export type FailureType = keyof typeof failureTypes;

/**
 * The error for an activity to throw. `message` and `detail` enter Temporal's history and the logs: no secrets, no bodies.
 * `nextRetryDelayMs` replaces the retry policy's own pause before the next attempt.
 */
export function activityFailure(
  type: FailureType,
  message: string,
  options: { detail?: Record<string, string | number | null>; nextRetryDelayMs?: number } = {},
): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: failureTypes[type].kind === 'permanent',
    ...(options.detail && { details: [options.detail] }),
    ...(options.nextRetryDelayMs !== undefined && { nextRetryDelay: options.nextRetryDelayMs }),
  });
}
