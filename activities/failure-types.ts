import { ApplicationFailure } from '@temporalio/common';
import { wellFormed } from '../language/well-formed.ts';

/**
 * Every deliberate failure of an activity. The key is the failure's `type` in Temporal's history.
 * `permanent`: the same call can never succeed, so it is not retried. `transient`: Temporal retries it.
 */
export const failureTypes = {
  InputInvalid: { kind: 'permanent', meaning: 'The step gave the activity values that it cannot use.' },
  ActivityUnknown: { kind: 'transient', meaning: 'The worker has no such activity; during a deployment, another may.' },
  EventUnknown: { kind: 'permanent', meaning: 'The event is not in the inbox, or its body has been deleted.' },
  Unconfirmed: {
    kind: 'permanent',
    meaning: 'The gateway’s API contradicts its webhook, or the webhook lacks what Kait has to compare.',
  },
  RequestNotKept: {
    kind: 'permanent',
    meaning: 'The request to forward is incomplete: its body has been deleted, or a header was not kept.',
  },
  OrderUnknown: { kind: 'permanent', meaning: 'No order has this id.' },
  OrderCanceled: { kind: 'permanent', meaning: 'The order was canceled, so no more cashback is granted on it.' },
  CurrencyMismatch: { kind: 'permanent', meaning: 'The amount and its order are in different currencies.' },
  TemplateUnknown: { kind: 'permanent', meaning: 'No mail template has this name.' },
  TemplateValueMissing: { kind: 'permanent', meaning: 'A mail template refers to a value that does not exist.' },
  MailRefused: { kind: 'permanent', meaning: 'The mail server permanently refused the mail (SMTP 5xx).' },
  SecretUnavailable: { kind: 'permanent', meaning: 'A secret is not configured, or definitions may not read it.' },
  AddressRefused: { kind: 'permanent', meaning: 'The URL leads into a private network that is not allowed.' },
  ResponseRefused: {
    kind: 'permanent',
    meaning: 'The receiver answered with a status that a retry cannot change.',
  },
  GatewayRefused: {
    kind: 'permanent',
    meaning: 'The gateway could not be asked, and a retry cannot change that.',
  },
  ResponseTooLarge: { kind: 'permanent', meaning: 'The answer is larger than a step may hold.' },
  DeliveryUnknown: { kind: 'permanent', meaning: 'The delivery is not in the database.' },
  DeliveryRefused: {
    kind: 'permanent',
    meaning: 'The endpoint is removed, disabled, gone (HTTP 410), or in a private network that is not allowed.',
  },
  DeliveryExhausted: { kind: 'permanent', meaning: 'The last attempt of the retry schedule failed.' },
  DatabaseRefused: { kind: 'permanent', meaning: 'The database cannot hold a value (SQLSTATE class 22).' },
  DatabaseUnavailable: { kind: 'transient', meaning: 'The database is not available.' },
  MailUnavailable: { kind: 'transient', meaning: 'The mail server is unreachable or asks to try later (SMTP 4xx).' },
  MailInFlight: { kind: 'transient', meaning: 'Another attempt is sending the same mail at the moment.' },
  ReceiverUnavailable: { kind: 'transient', meaning: 'The receiver is unreachable, too slow, or asks to try later.' },
  UnconfirmedYet: {
    kind: 'transient',
    meaning: 'The gateway’s API contradicts its webhook, but the webhook is so new that the API may lag behind.',
  },
  GatewayUnavailable: {
    kind: 'transient',
    meaning: 'The gateway is unreachable, too slow, asks to try later, or does not accept the API key.',
  },
  DeliveryNotDue: { kind: 'transient', meaning: 'The pause before the next attempt is not over.' },
  DeliveryFailed: { kind: 'transient', meaning: 'An attempt failed, and the retry schedule has more.' },
} as const satisfies Record<string, { kind: 'permanent' | 'transient'; meaning: string }>;

export type FailureType = keyof typeof failureTypes;

/**
 * The error that an activity throws. `message` and `detail` enter Temporal's history and the logs: no secrets, no bodies.
 * `nextRetryDelayMs` replaces the retry policy's own pause before the next attempt.
 */
export function activityFailure(
  type: FailureType,
  message: string,
  options: { detail?: Record<string, string | number | null>; nextRetryDelayMs?: number } = {},
): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: wellFormed(message), // Temporal takes no half characters, which an answer or a customer's text may hold.
    nonRetryable: failureTypes[type].kind === 'permanent',
    ...(options.detail && { details: [options.detail] }),
    ...(options.nextRetryDelayMs !== undefined && { nextRetryDelay: options.nextRetryDelayMs }),
  });
}
