import { CancelledFailure, type ApplicationFailure } from '@temporalio/common';
import { askDatabase } from '../ask-database.ts';
import type { Logger } from 'pino';
import {
  type GatewayInput,
  type GatewayOutput,
  fetchInput,
  gatewayActivities,
  type GatewayActivityName,
} from './gateway-activities.ts';
import type { GatewayClient, Fetched, Unanswered, Confirmation, Difference } from './gateway-client.ts';
import { z } from 'zod';
import { activityFailure } from '../failure-types.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { parseShape } from '../parse-input.ts';

interface ReconcileDeps {
  gateways: Pick<GatewayClient, 'reconcile'>;
  clock: () => Date;
  log: Pick<Logger, 'info' | 'warn'>;
  attempt: () => { canceled: AbortSignal };
}

interface FetchDeps {
  gateways: Pick<GatewayClient, 'fetch'>;
  clock: () => Date;
  log: Pick<Logger, 'info' | 'warn'>;
  attempt: () => { canceled: AbortSignal };
}

interface ConfirmDeps {
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

export type GatewayActivityDeps = ConfirmDeps & FetchDeps & ReconcileDeps;

/** Of the runs' task queue. */
export function createGatewayActivities(deps: GatewayActivityDeps) {
  return {
    'gateway.confirm': checked('gateway.confirm', (input) => confirmEvent(deps, input)),
    'gateway.reconcile': checked('gateway.reconcile', (input) => reconcileSource(deps, input)),
  };
}

/** Of the deliveries' task queue: a gateway that is slow must not hold up the runs. */
export function createFetchActivities(deps: FetchDeps) {
  return { 'gateway.fetch': (input: unknown) => fetchEvent(deps, input) };
}

/** What arrives comes from history, not from the type checker. */
function checked<Name extends GatewayActivityName>(
  name: Name,
  act: (input: GatewayInput<Name>) => Promise<GatewayOutput<Name>>,
) {
  // TypeScript does not tie a looked-up schema to `Name`.
  return async (input: unknown) => act(parseShape(name, gatewayActivities[name].input, input) as GatewayInput<Name>);
}

/**
 * The activity `gateway.confirm`. Throws `Unconfirmed` where the gateway says something else than the webhook, before that
 * `UnconfirmedYet` while the webhook is new, and what {@link unansweredFailure} says.
 */
async function confirmEvent(
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

/** What an activity ends in where the gateway could not be asked: to be repeated or not. */
function unansweredFailure(unanswered: Unanswered, now: Date): ApplicationFailure {
  const { kind, reason } = unanswered;
  if (kind === 'event-unknown') return activityFailure('EventUnknown', reason);
  if (kind === 'refused') return activityFailure('GatewayRefused', reason);
  const delayMs = retryAfterMs(unanswered.retryAfter, now);
  return activityFailure('GatewayUnavailable', reason, delayMs === null ? {} : { nextRetryDelayMs: delayMs });
}

/**
 * The standalone activity `gateway.fetch`: gets what a notice is about and stores it as events. Ends quietly where the gateway
 * knows nothing of it, since anybody can send a notice. Throws what {@link unansweredFailure} says.
 */
async function fetchEvent(deps: FetchDeps, input: unknown): Promise<Fetched> {
  const parsed = fetchInput.safeParse(input);
  if (!parsed.success) throw activityFailure('InputInvalid', `gateway.fetch: ${z.prettifyError(parsed.error)}`);
  const { source, eventId } = parsed.data;
  const answer = await askDatabase(() => deps.gateways.fetch({ source, eventId, signal: deps.attempt().canceled }));
  if (answer.kind !== 'fetched' && answer.kind !== 'absent') throw unansweredFailure(answer, deps.clock());
  const outcome = answer.kind === 'absent' ? { outcome: 'absent' } : { stored: answer.stored, known: answer.known };
  deps.log.info({ source, event: eventId, ...outcome }, 'notice followed');
  return answer;
}

/**
 * The activity `gateway.reconcile`: stores the events of a source that did not arrive. One that is interrupted starts over,
 * which stores nothing twice. Throws what {@link unansweredFailure} says.
 */
async function reconcileSource(
  deps: ReconcileDeps,
  { source }: GatewayInput<'gateway.reconcile'>,
): Promise<GatewayOutput<'gateway.reconcile'>> {
  const { canceled } = deps.attempt();
  const answer = await askDatabase(() => deps.gateways.reconcile({ source, signal: canceled }));
  if (canceled.aborted) throw new CancelledFailure('The run was canceled while the gateway was asked');
  if (answer.kind !== 'reconciled') throw unansweredFailure(answer, deps.clock());
  const { asked, found, missing, stored } = answer;
  // What was missing is worth an operator's look: the gateway's webhooks do not all arrive.
  deps.log[missing === 0 ? 'info' : 'warn']({ source, asked, found, missing, stored }, 'source reconciled');
  return { asked, found, missing, stored };
}
