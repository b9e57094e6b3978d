import { CancelledFailure, type ApplicationFailure } from '@temporalio/common';
import { askDatabase } from '../ask-database.ts';
import { activityFailure } from '../failure-types.ts';
import type { Confirmation, Difference, GatewayClient } from './gateway-client.ts';
import type { GatewayInput, GatewayOutput } from './gateway-activities.ts';
import { unansweredFailure } from './unanswered.ts';

export interface ConfirmDeps {
  gateways: Pick<GatewayClient, 'confirm'>;
  clock: () => Date;
  attempt: () => { canceled: AbortSignal };
}

/**
 * A gateway may answer a little behind its own webhook, from a replica that has not got the change yet. So a difference counts
 * only when the webhook has been here for this long.
 */
const settledAfterMs = 60_000;
const shortestPauseMs = 3_000;
const longestPauseMs = 20_000;

/**
 * The activity `gateway.confirm`. Throws `Unconfirmed` where the gateway says something else than the webhook, before that
 * `UnconfirmedYet` while the webhook is new, and what {@link unansweredFailure} says.
 */
export async function confirmEvent(
  deps: ConfirmDeps,
  { source, eventId }: GatewayInput<'gateway.confirm'>,
): Promise<GatewayOutput<'gateway.confirm'>> {
  const { canceled } = deps.attempt();
  const answer = await askDatabase(() => deps.gateways.confirm({ source, eventId, signal: canceled }));
  if (canceled.aborted) throw new CancelledFailure('The step was canceled while the gateway was asked');
  if (answer.kind === 'confirmed') return { confirmed: true, state: answer.state };
  const now = deps.clock();
  if (answer.kind === 'impossible') throw activityFailure('Unconfirmed', answer.reason);
  throw answer.kind === 'differs' ? differenceFailure(answer, now) : unansweredFailure(answer, now);
}

function differenceFailure(
  { differences, receivedAt }: Confirmation & { kind: 'differs' },
  now: Date,
): ApplicationFailure {
  const message = differences.map(describe).join('; ');
  const ageMs = now.getTime() - receivedAt.getTime();
  if (ageMs >= settledAfterMs) return activityFailure('Unconfirmed', message);
  // As long again as the webhook is old: 3, 6, 12, 24, 44 and 64 seconds after it.
  const nextRetryDelayMs = Math.min(Math.max(ageMs, shortestPauseMs), longestPauseMs);
  return activityFailure('UnconfirmedYet', message, { nextRetryDelayMs });
}

/** `transaction_status: the webhook says settlement, the gateway says pending`. */
function describe({ name, claimed, confirmed }: Difference): string {
  return `${name}: the webhook says ${claimed ?? 'nothing'}, the gateway says ${confirmed ?? 'nothing'}`;
}
