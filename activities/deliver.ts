import type { ApplicationFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import type { Database } from '../storage/database.ts';
import { KaitError } from '../errors.ts';
import type { DeliveryState } from '../storage/schema.ts';
import type { SecretKeys } from '../storage/secret-keys.ts';
import { askDatabase } from './ask-database.ts';
import { activityFailure } from './failure-types.ts';
import { excerptOf } from './excerpt.ts';
import {
  type AttemptOutcome,
  interpretAttempt,
  pauseAfterAttemptMs,
  type RetrySchedule,
} from './outbound/attempt-outcome.ts';
import {
  beginAttempt,
  type BegunRequest,
  type LoadedDelivery,
  loadDelivery,
  recordAttempt,
  recordEnd,
} from './outbound/delivery-record.ts';
import { createMask } from '../http/mask-secrets.ts';
import type { SentRequest } from '../http/send-request.ts';
import { settledPolicy } from '../language/endpoint-policy.ts';
import { type EndpointSecrets, openSecrets, type SealedSecrets, validKeys } from './outbound/endpoint-secrets.ts';
import { keysInUrl } from './outbound/keys-in-url.ts';
import { type EndpointCredentials, sendToEndpoint } from './outbound/send-to-endpoint.ts';
import { type Signature, signatureHeaders } from './outbound/sign.ts';

export interface DeliverDeps {
  database: Database;
  clock: () => Date;
  log: Pick<Logger, 'info'>;
  /** The guarded agent. */
  dispatcher: Dispatcher;
  /** Absent: endpoints that want a client certificate or an OAuth2 token get nothing, and their attempts fail. */
  credentials?: EndpointCredentials | undefined;
  /** Uniform in [0, 1); spreads retries. */
  random: () => number;
  schedule: RetrySchedule;
  /** Time limit of one request. Below Temporal's limit for an attempt, so that a timeout is still recorded. */
  requestTimeoutMs: number;
  /** `Kait/1.2.3`. */
  userAgent: string;
  /** Null: this worker has none. */
  secretKeys: SecretKeys | null;
}

/** Enough for a receiver's reason. The rest of its answer is not read. */
const maxBodyBytes = 1_024;
const bodyTimeoutMs = 1_000;
const excerptCharacters = 200;
/** How far the clocks of two workers may differ, and Temporal's timers from ours. */
const clockSkewMs = 1_000;

const inputSchema = z.strictObject({ deliveryId: z.string() });

/**
 * The activity `outbound.deliver`: makes one attempt to send a message to an endpoint and records the outcome. Does nothing if
 * the delivery has already ended. Throws `DeliveryFailed` with the pause before the next attempt, `DeliveryExhausted` after the
 * last one, or `DeliveryRefused`; `DeliveryNotDue` if it comes too early, and `DatabaseUnavailable` before it sends anything.
 *
 * The delivery's row counts the requests, not Temporal: an attempt that found no database, or died before it sent anything, uses
 * nothing up. A crash between the request and the record leaves the request in doubt. It does not move the schedule, but is
 * repeated with the same `webhook-id`; there are at most as many requests in doubt as the schedule has attempts.
 */
export async function deliver(deps: DeliverDeps, input: unknown): Promise<{ state: DeliveryState }> {
  const delivery = await loadKnown(deps, input);
  // A refused delivery may be started again, which Temporal permits only if its activity has failed.
  if (delivery.state === 'refused') throw activityFailure('DeliveryRefused', `${delivery.id}: it was refused before`);
  if (delivery.state !== 'pending' && delivery.state !== 'started') return { state: delivery.state };
  if (delivery.to?.state !== 'enabled') return refuseUnsent(deps, delivery);
  const secrets = openedSecrets(deps, delivery.endpointId, delivery.to);

  const at = deps.clock();
  checkDue(delivery, at);
  const begun = await begin(deps, delivery, at);
  if (begun === undefined) return deliver(deps, input); // It ended meanwhile.
  const { number, position } = begun;
  const keys = validKeys(secrets, at);
  const { signature } = settledPolicy(delivery.to.policy, { scheduleMs: deps.schedule });
  const sent = await send(deps, delivery, { secrets, keys, signature, at });
  const endedAt = deps.clock();
  const outcome = interpretAttempt(sent, endedAt);
  const pauseMs = pauseAfter(outcome, deps, position);
  const state = stateAfter(outcome, pauseMs);
  const attempt = {
    number,
    at,
    durationMs: endedAt.getTime() - at.getTime(),
    status: sent.kind === 'answered' ? sent.status : null,
    error:
      outcome.kind === 'delivered' ? null : withExcerpt(outcome.reason, sent, [...keys, ...keysInUrl(delivery.url)]),
  };
  const disabledReason = outcome.kind === 'permanent' ? outcome.disabledReason : null;
  const dueAt = pauseMs === null ? null : new Date(endedAt.getTime() + pauseMs);
  await askDatabase(() =>
    recordAttempt(deps.database.orm, { delivery, state, endedAt, attempt, dueAt, disabledReason }),
  );
  logAttempt(deps.log, { delivery, attempt, state, outcome, pauseMs });
  if (outcome.kind === 'delivered') return { state };
  throw failureAfter(outcome, { delivery, number, pauseMs });
}

async function loadKnown(deps: DeliverDeps, input: unknown): Promise<LoadedDelivery> {
  const parsed = inputSchema.safeParse(input);
  if (!parsed.success) throw activityFailure('InputInvalid', 'outbound.deliver: expected {"deliveryId": "…"}');
  const { deliveryId } = parsed.data;
  const delivery = await askDatabase(() => loadDelivery(deps.database.orm, deliveryId));
  if (delivery === undefined) throw activityFailure('DeliveryUnknown', `No delivery has the id ${deliveryId}`);
  return delivery;
}

/** Throws `SecretsUnreadable`, which is retried: the operator can give this worker the key that it lacks. */
function openedSecrets({ secretKeys }: DeliverDeps, endpointId: string, sealed: SealedSecrets): EndpointSecrets {
  if (secretKeys === null) throw activityFailure('SecretsUnreadable', 'This worker has no KAIT_SECRETS_KEY');
  try {
    return openSecrets(secretKeys, endpointId, sealed);
  } catch (error) {
    if (error instanceof KaitError) throw activityFailure('SecretsUnreadable', error.message);
    throw error;
  }
}

async function refuseUnsent(deps: DeliverDeps, delivery: LoadedDelivery): Promise<never> {
  const reason = delivery.to === null ? 'the endpoint was removed' : 'the endpoint is disabled';
  const end = { deliveryId: delivery.id, state: 'refused' as const, reason, endedAt: deps.clock() };
  await askDatabase(() => recordEnd(deps.database.orm, end));
  deps.log.info({ delivery: delivery.id, endpoint: delivery.endpointId, state: 'refused', reason }, 'delivery refused');
  throw activityFailure('DeliveryRefused', `${delivery.id}: ${reason}`);
}

/** Temporal repeats an attempt whose end it did not learn, although its outcome is on record with the pause after it. */
function checkDue({ id, attempts, dueAt }: LoadedDelivery, now: Date): void {
  const earlyMs = (dueAt?.getTime() ?? 0) - now.getTime();
  if (attempts === 0 || earlyMs <= clockSkewMs) return;
  throw activityFailure('DeliveryNotDue', `${id}: the next attempt is not due yet`, { nextRetryDelayMs: earlyMs });
}

async function begin(deps: DeliverDeps, delivery: LoadedDelivery, at: Date): Promise<BegunRequest | undefined> {
  if (delivery.attempts < 2 * deps.schedule.length) {
    return askDatabase(() => beginAttempt(deps.database.orm, delivery, at));
  }
  const reason = `${delivery.attempts} requests were sent, and the outcome of too many of them is unknown`;
  const end = { deliveryId: delivery.id, state: 'exhausted' as const, reason, endedAt: at };
  await askDatabase(() => recordEnd(deps.database.orm, end));
  throw activityFailure('DeliveryExhausted', `${delivery.id}: ${reason}`);
}

function send(
  deps: DeliverDeps,
  { messageId, body, contentType, headers, url }: LoadedDelivery,
  { secrets, keys, signature, at }: { secrets: EndpointSecrets; keys: string[]; signature: Signature; at: Date },
): Promise<SentRequest> {
  const timestampSeconds = Math.floor(at.getTime() / 1_000);
  return sendToEndpoint(deps, secrets, {
    url,
    method: 'POST',
    headers: {
      ...(contentType !== '' && { 'content-type': contentType }),
      'user-agent': deps.userAgent,
      ...headers,
    },
    signature: signatureHeaders(signature, { id: messageId, timestampSeconds, body }, keys),
    body,
    timeoutMs: deps.requestTimeoutMs,
    maxBodyBytes,
    bodyTimeoutMs,
  });
}

/** Null if no attempt follows. */
function pauseAfter(outcome: AttemptOutcome, { schedule, random }: DeliverDeps, position: number): number | null {
  if (outcome.kind !== 'retry') return null;
  const pauseMs = pauseAfterAttemptMs(schedule, position, random);
  return pauseMs === null ? null : Math.max(pauseMs, outcome.afterMs ?? 0);
}

function stateAfter(outcome: AttemptOutcome, pauseMs: number | null): DeliveryState {
  if (outcome.kind === 'delivered') return 'delivered';
  if (outcome.kind === 'permanent') return 'refused';
  return pauseMs === null ? 'exhausted' : 'started';
}

/** For the database only: logs and Temporal's history contain no bodies. Without the secrets that the receiver shares with us. */
function withExcerpt(reason: string, sent: SentRequest, secrets: string[]): string {
  const excerpt = sent.kind === 'answered' ? excerptOf(maskedText(sent, secrets), excerptCharacters) : '';
  return excerpt === '' ? reason : `${reason}: ${excerpt}`;
}

function maskedText({ body, bodyComplete }: SentRequest & { kind: 'answered' }, secrets: string[]): string {
  return createMask(secrets).text(body.toString('utf8'), { cut: !bodyComplete });
}

function logAttempt(
  log: DeliverDeps['log'],
  {
    delivery,
    attempt,
    state,
    outcome,
    pauseMs,
  }: {
    delivery: LoadedDelivery;
    attempt: { number: number; durationMs: number; status: number | null };
    state: DeliveryState;
    outcome: AttemptOutcome;
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
      reason: outcome.kind === 'delivered' ? null : outcome.reason,
      state,
      pauseMs,
    },
    'delivery attempt',
  );
}

function failureAfter(
  outcome: Exclude<AttemptOutcome, { kind: 'delivered' }>,
  { delivery, number, pauseMs }: { delivery: LoadedDelivery; number: number; pauseMs: number | null },
): ApplicationFailure {
  const message = `${delivery.id}, attempt ${number}: ${outcome.reason}`;
  if (outcome.kind === 'permanent') return activityFailure('DeliveryRefused', message);
  if (pauseMs === null) return activityFailure('DeliveryExhausted', message);
  return activityFailure('DeliveryFailed', message, { nextRetryDelayMs: pauseMs });
}
