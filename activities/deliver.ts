import type { ApplicationFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { KaitError } from '../errors.ts';
import { createMask, type Mask } from '../http/mask-secrets.ts';
import type { SentRequest } from '../http/send-request.ts';
import { type EndpointPolicy, type SettledPolicy, settledPolicy } from '../language/endpoint-policy.ts';
import { holdsCredentials } from '../header-names.ts';
import type { Database } from '../storage/database.ts';
import { closedBecause, isBehind } from '../storage/outbound/may-send.ts';
import type { DeliveryState, ParkedBecause } from '../storage/schema.ts';
import type { SecretKeys } from '../storage/secret-keys.ts';
import { storableReason } from '../storage/storable-reason.ts';
import { askDatabase } from './ask-database.ts';
import { excerptOf } from './excerpt.ts';
import { activityFailure } from './failure-types.ts';
import {
  type AttemptOutcome,
  interpretAttempt,
  pauseAfterAttemptMs,
  recordMs,
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
import {
  type EndpointSecrets,
  openSecrets,
  type SealedSecrets,
  secretValues,
  validKeys,
} from './outbound/endpoint-secrets.ts';
import { type CallbackUrlOf, publicUrlMissing } from './outbound/callback-url.ts';
import { keysInUrl } from './outbound/keys-in-url.ts';
import { claimProbe, parkDelivery, reserveSlot } from './outbound/parking.ts';
import { type EndpointClient, type EndpointCredentials, sendToEndpoint } from './outbound/send-to-endpoint.ts';
import { signatureHeaders } from './outbound/sign.ts';
import { transformBody } from './outbound/transform-body.ts';

export interface DeliverDeps {
  database: Database;
  clock: () => Date;
  log: Pick<Logger, 'info'>;
  /** The guarded agent. */
  dispatcher: Dispatcher;
  /** Absent: endpoints that want a client certificate or an OAuth2 token get nothing, and their attempts fail. */
  credentials?: EndpointCredentials | undefined;
  /** Reaches what endpoints of tenants may be at. Absent: they get nothing, and their attempts fail. */
  forTenants?: EndpointClient | undefined;
  /** Absent: messages whose receivers are to answer are not sent, and tried again. */
  callbackUrl?: CallbackUrlOf | undefined;
  /** Uniform in [0, 1); spreads retries. */
  random: () => number;
  /** Of endpoints that have none of their own. */
  schedule: RetrySchedule;
  /** Resolves after so many ms. */
  sleep: (ms: number) => Promise<void>;
  /** Called when a request has ended, so that another delivery to the endpoint may begin. */
  release: (endpointId: string, options: { isLikely: boolean }) => void;
  /** `Kait/1.2.3`. */
  userAgent: string;
  /** Null: this worker has none. */
  secretKeys: SecretKeys | null;
}

/** What is kept of a receiver's answer. The rest is not read. */
const maxBodyBytes = 16 * 1_024;
const bodyTimeoutMs = 1_000;
/** Of the answer's headers, what is kept: enough to see who answered. */
const maxHeaders = 50;
const maxHeaderCharacters = 1_000;
const excerptCharacters = 200;
/** How far the clocks of two workers may differ, and Temporal's timers from ours. */
const clockSkewMs = 1_000;
/** How long an attempt may wait for its slot of a rate limit. Temporal's timers are too coarse for less than a second. */
const longestSleepMs = 1_500;

const sentAgainHint = 'its schedule has ended. "kait deliveries retry" sends it again';

const inputSchema = z.strictObject({ deliveryId: z.string() });

/**
 * The activity `outbound.deliver`: makes one attempt to send a message to an endpoint and records the outcome. Sends nothing
 * if the delivery has already ended, and fails unless it was delivered. Throws `DeliveryFailed` with the pause before the next
 * attempt, `DeliveryExhausted` after the last one, or `DeliveryRefused`; `DeliveryParked` if nothing may be sent now,
 * `DeliveryNotDue` if it comes too early, and `DatabaseUnavailable` before it sends anything.
 *
 * The delivery's row counts the requests, not Temporal: an attempt that found no database, or died before it sent anything, uses
 * nothing up. A crash between the request and the record leaves the request in doubt. It does not move the schedule, but is
 * repeated with the same `webhook-id`; there are at most as many requests in doubt as the schedule has attempts.
 */
export async function deliver(deps: DeliverDeps, input: unknown): Promise<{ state: DeliveryState }> {
  const delivery = await loadKnown(deps, input);
  // An activity that sends nothing must not look as if it had. Only a delivered one completes.
  if (delivery.state === 'delivered') return { state: delivery.state };
  if (delivery.state === 'exhausted') throw activityFailure('DeliveryExhausted', `${delivery.id}: ${sentAgainHint}`);
  if (delivery.state === 'refused') throw activityFailure('DeliveryRefused', `${delivery.id}: it was refused before`);
  if (delivery.state === 'parked') throw activityFailure('DeliveryParked', `${delivery.id}: it was parked before`);
  const { to } = delivery;
  if (to === null) return refuseUnsent(deps, delivery);
  const policy = settledPolicy(to.policy, { scheduleMs: deps.schedule });
  const now = deps.clock();
  const closed = closedBecause(to, now) ?? ((await isInOrder(deps, delivery)) ? null : 'order');
  if (closed !== null) return park(deps, delivery, closed);
  checkDue(delivery, policy, now);
  await untilSlot(deps, delivery, policy);
  const secrets = openedSecrets(deps, delivery.endpointId, to);
  const message = await asWanted(deps, delivery, to.policy);

  const at = deps.clock();
  const callbackUrl = callbackUrlOf(deps, delivery, at);
  const probeUntil = new Date(at.getTime() + policy.timeoutMs + recordMs);
  const isProbe = to.openUntil !== null;
  if (isProbe && !(await claimsProbe(deps, delivery, { now: at, until: probeUntil }))) {
    return park(deps, delivery, 'circuit');
  }
  const begun = await begin(deps, delivery, { policy, at });
  if (begun === 'ended') return deliver(deps, input);
  if (begun === 'busy') return park(deps, delivery, 'concurrency');
  const { number, position } = begun;
  const keys = validKeys(secrets, at);
  const sent = await send(deps, message, { secrets, keys, policy, at, callbackUrl });
  const endedAt = deps.clock();
  const outcome = interpretAttempt(sent, endedAt, policy);
  const pauseMs = pauseAfter(outcome, policy.scheduleMs, { position, random: deps.random });
  const state = stateAfter(outcome, pauseMs);
  const mask = createMask([...secretValues(secrets), ...keysInUrl(delivery.url), ...tokenIn(callbackUrl)]);
  const attempt = {
    number,
    at,
    durationMs: endedAt.getTime() - at.getTime(),
    ...(sent.kind === 'answered' ? keptOf(sent, mask) : { status: null, headers: null, body: null }),
    timings: sent.timings,
    error: outcome.kind === 'delivered' ? null : withExcerpt(outcome.reason, sent, mask),
  };
  const dueAt = pauseMs === null ? null : new Date(endedAt.getTime() + pauseMs);
  const ended = { outcome, at: endedAt, isProbe };
  const { disableAfterMs } = policy;
  await askDatabase(() =>
    recordAttempt(deps.database.orm, { delivery, state, endedAt, attempt, dueAt, ended, disableAfterMs }),
  );
  deps.release(delivery.endpointId, { isLikely: delivery.orderKey !== null || isProbe });
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

/** With the body that its endpoint wants. What is made of a forwarded request has none of its headers, which are about the original. */
async function asWanted(
  deps: DeliverDeps,
  delivery: LoadedDelivery,
  { transform }: EndpointPolicy,
): Promise<LoadedDelivery> {
  if (transform === undefined) return delivery;
  const transformed = transformBody(transform, { ...delivery, createdAt: delivery.emittedAt });
  if ('fault' in transformed) return refuseUnsent(deps, delivery, transformed.fault);
  return { ...delivery, ...transformed, headers: {} };
}

/** None once the time to answer is over. */
function callbackUrlOf({ callbackUrl }: DeliverDeps, { id, ackUntil }: LoadedDelivery, at: Date): string | null {
  if (ackUntil === null || ackUntil <= at) return null;
  if (callbackUrl === undefined) throw publicUrlMissing();
  return callbackUrl({ id, ackUntil });
}

/** What lets the receiver answer is not kept if it sends it back. */
function tokenIn(callbackUrl: string | null): string[] {
  return callbackUrl === null ? [] : [callbackUrl.slice(callbackUrl.lastIndexOf('/') + 1)];
}

async function refuseUnsent(
  deps: DeliverDeps,
  delivery: LoadedDelivery,
  reason = 'the endpoint was removed',
): Promise<never> {
  const end = { deliveryId: delivery.id, state: 'refused' as const, reason, endedAt: deps.clock() };
  await askDatabase(() => recordEnd(deps.database.orm, end));
  deps.log.info({ delivery: delivery.id, endpoint: delivery.endpointId, state: 'refused', reason }, 'delivery refused');
  throw activityFailure('DeliveryRefused', `${delivery.id}: ${reason}`);
}

async function park(deps: DeliverDeps, delivery: LoadedDelivery, because: ParkedBecause): Promise<never> {
  const parked = { deliveryId: delivery.id, because, at: deps.clock() };
  await askDatabase(() => parkDelivery(deps.database.orm, parked));
  deps.log.info({ delivery: delivery.id, endpoint: delivery.endpointId, because }, 'delivery parked');
  throw activityFailure('DeliveryParked', `${delivery.id}: ${parkedMeaning[because]}`);
}

async function isInOrder({ database }: DeliverDeps, delivery: LoadedDelivery): Promise<boolean> {
  return !(await askDatabase(() => isBehind(database.orm, delivery)));
}

async function claimsProbe(
  { database }: DeliverDeps,
  { endpointId }: LoadedDelivery,
  lease: { now: Date; until: Date },
): Promise<boolean> {
  return askDatabase(() => claimProbe(database.orm, { endpointId, ...lease }));
}

/** Temporal repeats an attempt whose end it did not learn, although its outcome is on record with the pause after it. */
function checkDue({ id, attempts, dueAt, createdAt }: LoadedDelivery, { scheduleMs }: SettledPolicy, now: Date): void {
  const firstAt = new Date(createdAt.getTime() + (scheduleMs[0] ?? 0));
  const earlyMs = ((attempts === 0 ? firstAt : dueAt)?.getTime() ?? 0) - now.getTime();
  if (earlyMs <= (attempts === 0 ? 0 : clockSkewMs)) return;
  throw activityFailure('DeliveryNotDue', `${id}: the next attempt is not due yet`, { nextRetryDelayMs: earlyMs });
}

/** Waits for the delivery's slot of the endpoint's rate limit, in Temporal if that takes long. */
async function untilSlot(deps: DeliverDeps, delivery: LoadedDelivery, { ratePerSecond }: SettledPolicy): Promise<void> {
  if (ratePerSecond === null) return;
  const now = deps.clock();
  const slotAt = await askDatabase(() => reserveSlot(deps.database.orm, delivery, { ratePerSecond, now }));
  const waitMs = slotAt.getTime() - now.getTime();
  if (waitMs > longestSleepMs) {
    const nextRetryDelayMs = waitMs - longestSleepMs / 2;
    throw activityFailure('DeliveryNotDue', `${delivery.id}: the rate limit allows it later`, { nextRetryDelayMs });
  }
  if (waitMs > 0) await deps.sleep(waitMs);
}

async function begin(
  deps: DeliverDeps,
  delivery: LoadedDelivery,
  { policy, at }: { policy: SettledPolicy; at: Date },
): Promise<BegunRequest | 'ended' | 'busy'> {
  const sinceSentAgain = delivery.attempts - delivery.scheduleFrom;
  if (sinceSentAgain < 2 * policy.scheduleMs.length) {
    const since = new Date(at.getTime() - policy.timeoutMs - recordMs);
    const limits = { concurrency: policy.concurrency, since };
    return askDatabase(() => beginAttempt(deps.database.orm, delivery, { at, ...limits }));
  }
  const reason = `${sinceSentAgain} requests were sent, and the outcome of too many of them is unknown`;
  const end = { deliveryId: delivery.id, state: 'exhausted' as const, reason, endedAt: at };
  await askDatabase(() => recordEnd(deps.database.orm, end));
  throw activityFailure('DeliveryExhausted', `${delivery.id}: ${reason}`);
}

function send(
  deps: DeliverDeps,
  { messageId, body, contentType, headers, url, tenant }: LoadedDelivery,
  {
    secrets,
    keys,
    policy,
    at,
    callbackUrl,
  }: { secrets: EndpointSecrets; keys: string[]; policy: SettledPolicy; at: Date; callbackUrl: string | null },
): ReturnType<typeof sendToEndpoint> {
  const timestampSeconds = Math.floor(at.getTime() / 1_000);
  const client = tenant === null ? deps : deps.forTenants;
  if (client === undefined) return Promise.resolve(noClient);
  return sendToEndpoint(client, secrets, {
    url,
    method: 'POST',
    headers: {
      ...(contentType !== '' && { 'content-type': contentType }),
      'user-agent': deps.userAgent,
      ...headers,
    },
    // After the endpoint's own headers, as the signature is, so that none of those takes its place.
    signature: {
      ...signatureHeaders(policy.signature, { id: messageId, timestampSeconds, body }, keys),
      ...(callbackUrl !== null && { 'kait-callback-url': callbackUrl }),
    },
    body,
    timeoutMs: policy.timeoutMs,
    maxBodyBytes,
    bodyTimeoutMs,
  });
}

const noClient: SentRequest & { timings: { totalMs: number } } = {
  kind: 'unanswered',
  reason: 'nothing was sent: this worker has no client for tenants',
  unsent: true,
  timings: { totalMs: 0 },
};

/** Null if no attempt follows. A receiver's Retry-After takes the place of the schedule, which says how often it is tried. */
function pauseAfter(
  outcome: AttemptOutcome,
  schedule: RetrySchedule,
  { position, random }: { position: number; random: () => number },
): number | null {
  if (outcome.kind !== 'retry') return null;
  const pauseMs = pauseAfterAttemptMs(schedule, position, random);
  return pauseMs === null ? null : (outcome.afterMs ?? pauseMs);
}

function stateAfter(outcome: AttemptOutcome, pauseMs: number | null): DeliveryState {
  if (outcome.kind === 'delivered') return 'delivered';
  if (outcome.kind === 'permanent') return 'refused';
  return pauseMs === null ? 'exhausted' : 'started';
}

/** For the database only: logs and Temporal's history contain no bodies. Without the secrets that the receiver shares with us. */
function withExcerpt(reason: string, sent: SentRequest, mask: Mask): string {
  const excerpt = sent.kind === 'answered' ? excerptOf(maskedText(sent, mask), excerptCharacters) : '';
  return excerpt === '' ? reason : `${reason}: ${excerpt}`;
}

function maskedText({ body, bodyComplete }: SentRequest & { kind: 'answered' }, mask: Mask): string {
  return mask.text(body.toString('utf8'), { cut: !bodyComplete });
}

/** What is kept of an answer. */
function keptOf(sent: SentRequest & { kind: 'answered' }, mask: Mask) {
  const headers = Object.entries(sent.headers)
    .filter(([name, value]) => value !== undefined && !holdsCredentials(name))
    .slice(0, maxHeaders)
    .map(([name, value = '']) => [name, storableReason(mask.text(value).slice(0, maxHeaderCharacters))] as const);
  return {
    status: sent.status,
    headers: Object.fromEntries(headers),
    body: Buffer.from(maskedText(sent, mask)).subarray(0, maxBodyBytes),
  };
}

const parkedMeaning: Record<ParkedBecause, string> = {
  paused: 'its endpoint is paused',
  disabled: 'its endpoint is disabled',
  circuit: 'too many attempts at its endpoint failed, and it waits for one that succeeds',
  order: 'the delivery before it has not ended',
  concurrency: 'as many requests as its endpoint takes at once are under way',
};

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
