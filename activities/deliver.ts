import type { ApplicationFailure } from '@temporalio/common';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import type { Database } from '../storage/database.ts';
import type { DeliveryState } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import { activityFailure } from './failure-types.ts';
import type { Log } from './log.ts';
import { type LoadedDelivery, loadDelivery, recordAttempt, recordRefusal } from './outbound/delivery-record.ts';
import { excerptOf } from './outbound/excerpt.ts';
import { interpretOutcome, type Verdict } from './outbound/interpret-outcome.ts';
import { pauseAfterAttemptMs, type RetrySchedule } from './outbound/retry-schedule.ts';
import { sendRequest, type SentRequest } from '../http/send-request.ts';
import { signedHeaders } from './outbound/sign.ts';

export interface DeliverDeps {
  database: Database;
  clock: () => Date;
  log: Log;
  /** The guarded agent. */
  dispatcher: Dispatcher;
  /** Temporal's number of the attempt, from 1. */
  attempt: () => number;
  /** Uniform in [0, 1); spreads retries. */
  random: () => number;
  schedule: RetrySchedule;
  /** Time limit of one request; below Temporal's limit of an attempt, so that a time-out is still recorded. */
  requestTimeoutMs: number;
  /** `Kait/1.2.3`. */
  userAgent: string;
}

/** Enough for a receiver's reason; the rest of its answer is not read. */
const maxBodyBytes = 1_024;
const bodyTimeoutMs = 1_000;

const inputSchema = z.strictObject({ deliveryId: z.string() });

/**
 * The activity `outbound.deliver`: one attempt to bring a message to one endpoint, recorded with its outcome. Ends quietly
 * where the delivery has ended already. Throws `DeliveryFailed` with the pause before the next attempt, `DeliveryExhausted`
 * after the last, or `DeliveryRefused`. A crash between the receiver's answer and the record repeats the request, with
 * the same `webhook-id`.
 */
export async function deliver(deps: DeliverDeps, input: unknown): Promise<{ state: DeliveryState }> {
  const delivery = await loadKnown(deps, input);
  if (delivery.state !== 'pending' && delivery.state !== 'started') return { state: delivery.state };
  if (delivery.secret === null || delivery.endpointState !== 'enabled') return refuseUnsent(deps, delivery);

  const number = deps.attempt();
  const at = deps.clock();
  const sent = await send(deps, delivery, delivery.secret, at);
  const endedAt = deps.clock();
  const verdict = interpretSent(sent, endedAt);
  const pauseMs = pauseAfter(verdict, deps, number);
  const state = stateAfter(verdict, pauseMs);
  const attempt = {
    number,
    at,
    durationMs: endedAt.getTime() - at.getTime(),
    status: sent.kind === 'answered' ? sent.status : null,
    error: verdict.kind === 'delivered' ? null : withExcerpt(verdict.reason, sent),
  };
  const disableEndpoint = verdict.kind === 'permanent' && verdict.disableEndpoint;
  await askDatabase(() => recordAttempt(deps.database.orm, { delivery, state, endedAt, attempt, disableEndpoint }));
  logAttempt(deps.log, { delivery, attempt, state, verdict, pauseMs });
  if (verdict.kind === 'delivered') return { state };
  throw failureAfter(verdict, { delivery, number, pauseMs });
}

async function loadKnown(deps: DeliverDeps, input: unknown): Promise<LoadedDelivery> {
  const parsed = inputSchema.safeParse(input);
  if (!parsed.success) throw activityFailure('InputInvalid', 'outbound.deliver: expected {"deliveryId": "…"}');
  const { deliveryId } = parsed.data;
  const delivery = await askDatabase(() => loadDelivery(deps.database.orm, deliveryId));
  if (delivery === undefined) throw activityFailure('DeliveryUnknown', `No delivery has the id ${deliveryId}`);
  return delivery;
}

async function refuseUnsent(deps: DeliverDeps, delivery: LoadedDelivery): Promise<never> {
  const reason = delivery.endpointState === null ? 'the endpoint was removed' : 'the endpoint is disabled';
  const refusal = { deliveryId: delivery.id, reason, endedAt: deps.clock() };
  await askDatabase(() => recordRefusal(deps.database.orm, refusal));
  deps.log.info({ delivery: delivery.id, endpoint: delivery.endpointId, state: 'refused', reason }, 'delivery refused');
  throw activityFailure('DeliveryRefused', `${delivery.id}: ${reason}`);
}

function send(
  deps: DeliverDeps,
  { messageId, body, contentType, headers, url }: LoadedDelivery,
  key: string,
  at: Date,
): Promise<SentRequest> {
  const timestampSeconds = Math.floor(at.getTime() / 1_000);
  return sendRequest(deps.dispatcher, {
    url,
    method: 'POST',
    headers: {
      ...(contentType !== '' && { 'content-type': contentType }),
      'user-agent': deps.userAgent,
      ...headers,
      ...signedHeaders({ id: messageId, timestampSeconds, body }, [key]),
    },
    body,
    timeoutMs: deps.requestTimeoutMs,
    maxBodyBytes,
    bodyTimeoutMs,
  });
}

function interpretSent(sent: SentRequest, now: Date): Verdict {
  if (sent.kind !== 'answered') return interpretOutcome(sent, now);
  return interpretOutcome({ ...sent, retryAfter: sent.headers['retry-after'] ?? null }, now);
}

/** Null where no attempt follows. */
function pauseAfter(verdict: Verdict, { schedule, random }: DeliverDeps, number: number): number | null {
  if (verdict.kind !== 'retry') return null;
  const pauseMs = pauseAfterAttemptMs(schedule, number, random);
  return pauseMs === null ? null : (verdict.afterMs ?? pauseMs);
}

function stateAfter(verdict: Verdict, pauseMs: number | null): DeliveryState {
  if (verdict.kind === 'delivered') return 'delivered';
  if (verdict.kind === 'permanent') return 'refused';
  return pauseMs === null ? 'exhausted' : 'started';
}

/** For the database alone: logs and Temporal's history hold no bodies. */
function withExcerpt(reason: string, sent: SentRequest): string {
  const excerpt = sent.kind === 'answered' ? excerptOf(sent.body) : '';
  return excerpt === '' ? reason : `${reason}: ${excerpt}`;
}

function logAttempt(
  log: Log,
  {
    delivery,
    attempt,
    state,
    verdict,
    pauseMs,
  }: {
    delivery: LoadedDelivery;
    attempt: { number: number; durationMs: number; status: number | null };
    state: DeliveryState;
    verdict: Verdict;
    pauseMs: number | null;
  },
): void {
  log.info(
    {
      delivery: delivery.id,
      message: delivery.messageId,
      type: delivery.type,
      endpoint: delivery.endpointId,
      host: new URL(delivery.url).host,
      attempt: attempt.number,
      durationMs: attempt.durationMs,
      status: attempt.status,
      reason: verdict.kind === 'delivered' ? null : verdict.reason,
      state,
      pauseMs,
    },
    'delivery attempt',
  );
}

function failureAfter(
  verdict: Exclude<Verdict, { kind: 'delivered' }>,
  { delivery, number, pauseMs }: { delivery: LoadedDelivery; number: number; pauseMs: number | null },
): ApplicationFailure {
  const message = `${delivery.id}, attempt ${number}: ${verdict.reason}`;
  if (verdict.kind === 'permanent') return activityFailure('DeliveryRefused', message);
  if (pauseMs === null) return activityFailure('DeliveryExhausted', message);
  return activityFailure('DeliveryFailed', message, { nextRetryDelayMs: pauseMs });
}
