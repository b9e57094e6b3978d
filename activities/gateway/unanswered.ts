import type { ApplicationFailure } from '@temporalio/common';
import { activityFailure } from '../failure-types.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import type { Unanswered } from './gateway-client.ts';

/** What an activity ends in where the gateway could not be asked: to be repeated or not. */
export function unansweredFailure(unanswered: Unanswered, now: Date): ApplicationFailure {
  const { kind, reason } = unanswered;
  if (kind === 'event-unknown') return activityFailure('EventUnknown', reason);
  if (kind === 'refused') return activityFailure('GatewayRefused', reason);
  const delayMs = retryAfterMs(unanswered.retryAfter, now);
  return activityFailure('GatewayUnavailable', reason, delayMs === null ? {} : { nextRetryDelayMs: delayMs });
}
