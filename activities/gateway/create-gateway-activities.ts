import { CancelledFailure, type ApplicationFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import { z } from 'zod';
import { retryAfterMs } from '../../http/retry-after.ts';
import { askDatabase } from '../ask-database.ts';
import { activityFailure } from '../failure-types.ts';
import type { CurrentAttempt } from '../http-request.ts';
import { parseShape } from '../parse-input.ts';
import { lengthened } from '../retry-pause.ts';
import {
  type GatewayInput,
  type GatewayOutput,
  fetchInput,
  findInput,
  gatewayActivities,
  type GatewayActivityName,
} from './gateway-activities.ts';
import type { GatewayClient, Fetched, FoundById, Unanswered, Confirmation, Difference } from './gateway-client.ts';

export interface GatewayActivityDeps {
  gateways: GatewayClient;
  clock: () => Date;
  log: Pick<Logger, 'info' | 'warn'>;
  /** `firstAt` is when the first attempt was scheduled. */
  attempt: () => Pick<CurrentAttempt, 'canceled' | 'pauseMs'> & { firstAt: Date };
}

/** The activities of the runs' task queue. */
export function createGatewayActivities(deps: GatewayActivityDeps) {
  return {
    'gateway.confirm': checked('gateway.confirm', (input) => confirmEvent(deps, input)),
    'gateway.reconcile': checked('gateway.reconcile', (input) => reconcileSource(deps, input)),
  };
}

/** The activities of the deliveries' task queue: a slow gateway must not hold up runs. */
export function createFetchActivities(deps: GatewayActivityDeps) {
  return {
    'gateway.fetch': (input: unknown) => fetchEvent(deps, input),
    'gateway.find': (input: unknown) => findEvent(deps, input),
  };
}

/** Inputs come from history, so the type checker has not seen them. */
function checked<Name extends GatewayActivityName>(
  name: Name,
  act: (input: GatewayInput<Name>) => Promise<GatewayOutput<Name>>,
) {
  // TypeScript does not tie a looked-up schema to `Name`.
  return async (input: unknown) => act(parseShape(name, gatewayActivities[name].input, input) as GatewayInput<Name>);
}

/** A gateway may answer from a replica that lags behind its webhook, so a difference counts only once the webhook is this old. */
const settledAfterMs = 60_000;
const shortestPauseMs = 3_000;
const longestPauseMs = 20_000;

/**
 * The activity `gateway.confirm`. Throws `Unconfirmed` if the gateway contradicts the webhook (`UnconfirmedYet` while the webhook
 * is new), and what {@link unansweredFailure} makes.
 */
async function confirmEvent(
  deps: GatewayActivityDeps,
  { source, eventId }: GatewayInput<'gateway.confirm'>,
): Promise<GatewayOutput<'gateway.confirm'>> {
  const { canceled, pauseMs } = deps.attempt();
  const answer = await askDatabase(() => deps.gateways.confirm({ source, eventId, signal: canceled }));
  if (canceled.aborted) throw new CancelledFailure('The step was canceled while the gateway was asked');
  if (answer.kind === 'confirmed') return { confirmed: true, state: answer.state };
  const now = deps.clock();
  if (answer.kind === 'impossible') throw activityFailure('Unconfirmed', answer.reason);
  throw answer.kind === 'differs' ? differenceFailure(answer, now) : unansweredFailure(answer, { now, pauseMs });
}

function differenceFailure(
  { differences, receivedAt }: Confirmation & { kind: 'differs' },
  now: Date,
): ApplicationFailure {
  const message = messageOf(differences);
  const ageMs = now.getTime() - receivedAt.getTime();
  if (ageMs >= settledAfterMs) return activityFailure('Unconfirmed', message);
  // The pause is as long as the webhook is old, so attempts follow 3, 6, 12, 24, 44 and 64 seconds after it.
  const nextRetryDelayMs = Math.min(Math.max(ageMs, shortestPauseMs), longestPauseMs);
  return activityFailure('UnconfirmedYet', message, { nextRetryDelayMs });
}

function messageOf(differences: readonly Difference[]): string {
  if (differences.some(({ confirmed }) => confirmed !== null)) return differences.map(describe).join('; ');
  const claims = differences.map(({ name, claimed }) => `${name} ${claimed ?? 'nothing'}`);
  return `The gateway does not know it. The webhook says ${claims.join(', ')}`;
}

/** `transaction_status: the webhook says settlement, the gateway says pending`. */
function describe({ name, claimed, confirmed }: Difference): string {
  return `${name}: the webhook says ${claimed ?? 'nothing'}, the gateway says ${confirmed ?? 'nothing'}`;
}

/** The failure of an activity that got no answer. Its type says whether to retry. */
function unansweredFailure(
  unanswered: Unanswered,
  { now, pauseMs }: { now: Date; pauseMs: number },
): ApplicationFailure {
  const { kind, reason } = unanswered;
  if (kind === 'event-unknown') return activityFailure('EventUnknown', reason);
  if (kind === 'refused') return activityFailure('GatewayRefused', reason);
  return activityFailure('GatewayUnavailable', reason, lengthened(retryAfterMs(unanswered.retryAfter, now), pauseMs));
}

/**
 * The standalone activity `gateway.fetch`: fetches what a notice is about and stores it as events. Succeeds if the gateway
 * does not know it, because anybody can send a notice, and if a genuine event was stored without an answer. Otherwise throws what
 * {@link unansweredFailure} makes. Gives up if asking again cannot help, or after a day, and records that with the notice.
 */
async function fetchEvent(deps: GatewayActivityDeps, input: unknown): Promise<Fetched> {
  const parsed = fetchInput.safeParse(input);
  if (!parsed.success) throw activityFailure('InputInvalid', `gateway.fetch: ${z.prettifyError(parsed.error)}`);
  const { source, eventId } = parsed.data;
  const { canceled, pauseMs, firstAt } = deps.attempt();
  const answer = await askDatabase(() => deps.gateways.fetch({ source, eventId, signal: canceled }));
  if (answer.kind !== 'fetched' && answer.kind !== 'absent' && answer.kind !== 'incomplete') {
    const now = deps.clock();
    throw (
      (await endedFailure(deps, parsed.data, answer, now.getTime() - firstAt.getTime())) ??
      stillUnanswered(answer, { now, pauseMs })
    );
  }
  const { kind, ...outcome } = answer;
  const logged = { source, event: eventId, ...(kind === 'absent' ? { outcome: kind } : outcome) };
  const lacksAnswer = kind === 'incomplete' && answer.reason !== null;
  if (lacksAnswer) deps.log.warn(logged, 'event stored without the answer it needs');
  else deps.log.info(logged, 'notice followed');
  return answer;
}

/** The standalone activity `gateway.find`. Whatever the gateway says, or does not say, is its result: a person waits for it. */
async function findEvent(deps: GatewayActivityDeps, input: unknown): Promise<FoundById | Unanswered> {
  const parsed = findInput.safeParse(input);
  if (!parsed.success) throw activityFailure('InputInvalid', `gateway.find: ${z.prettifyError(parsed.error)}`);
  const answer = await askDatabase(() => deps.gateways.find({ ...parsed.data, signal: deps.attempt().canceled }));
  deps.log.info({ source: parsed.data.source, id: parsed.data.id, outcome: answer.kind }, 'gateway asked about an id');
  return answer;
}

/** How long Kait asks about a notice if its gateway does not answer. */
const giveUpAfterMs = 24 * 60 * 60 * 1_000;

/** Null if the gateway is to be asked again. */
async function endedFailure(
  { gateways, log }: GatewayActivityDeps,
  notice: { source: string; eventId: string },
  answer: Unanswered,
  askedForMs: number,
): Promise<ApplicationFailure | null> {
  const certain = answer.kind !== 'unavailable';
  if (!certain && askedForMs < giveUpAfterMs) return null;
  const reason = certain ? answer.reason : `No answer within a day: ${answer.reason}`;
  if (!(await askDatabase(() => gateways.giveUp({ ...notice, reason, certain })))) return null;
  log.warn({ source: notice.source, event: notice.eventId, reason }, 'notice given up, replay it to ask again');
  return activityFailure(answer.kind === 'event-unknown' ? 'EventUnknown' : 'GatewayRefused', reason);
}

/** Whatever the reason, the gateway is asked again. */
function stillUnanswered(answer: Unanswered, at: { now: Date; pauseMs: number }): ApplicationFailure {
  return unansweredFailure(
    answer.kind === 'unavailable' ? answer : { ...answer, kind: 'unavailable', retryAfter: null },
    at,
  );
}

/**
 * The activity `gateway.reconcile`: stores the events of a source that did not arrive. If interrupted, it starts over and
 * stores nothing twice. Throws what {@link unansweredFailure} makes.
 */
async function reconcileSource(
  deps: GatewayActivityDeps,
  { source }: GatewayInput<'gateway.reconcile'>,
): Promise<GatewayOutput<'gateway.reconcile'>> {
  const { canceled, pauseMs } = deps.attempt();
  const answer = await askDatabase(() => deps.gateways.reconcile({ source, signal: canceled }));
  if (canceled.aborted) throw new CancelledFailure('The run was canceled while the gateway was asked');
  if (answer.kind !== 'reconciled') throw unansweredFailure(answer, { now: deps.clock(), pauseMs });
  const { asked, found, missing, stored } = answer;
  // Missing events are worth an operator's attention: not all of the gateway's webhooks arrive.
  deps.log[missing === 0 ? 'info' : 'warn']({ source, asked, found, missing, stored }, 'source reconciled');
  return { asked, found, missing, stored };
}
