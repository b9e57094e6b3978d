import type { CallContext } from '../language/definition.ts';
import { eventDataFault } from '../language/event-data-fault.ts';
import type { EventTypes } from '../language/event-types.ts';
import { askLonger } from '../storage/message-answers.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './engine-activities.ts';
import { activityFailure } from './failure-types.ts';
import { publicUrlMissing } from './outbound/callback-url.ts';
import { findStoredMessage, type OutboundDeps, storeMessageOnce } from './outbound/store-message.ts';

/** More than any receiver should have to accept. Standard Webhooks recommends staying below 20 kB. */
const maxBodyBytes = 256 * 1_024;

export interface EmitDeps extends OutboundDeps {
  /** As the worker knows them now. */
  eventTypes: () => EventTypes;
  /** `KAIT_PUBLIC_URL`, under which receivers answer. Null or absent: a message whose receivers are to answer is not stored. */
  publicUrl?: string | null;
}

/**
 * Stores a message for every endpoint that subscribes to its type, once per key: see {@link storeMessageOnce}. Throws `InputInvalid` if the
 * data is not what the type's description says, or a strict project describes no such type, and `PublicUrlMissing` if receivers cannot answer. What was stored before that changed stays stored.
 */
export async function emitOnce(
  deps: EmitDeps,
  input: ActivityInput<'outbound.emit'>,
  { idempotencyKey }: CallContext,
): Promise<ActivityOutput<'outbound.emit'>> {
  const ackUntil = input.ackUntil === undefined ? undefined : new Date(input.ackUntil);
  const fault = eventDataFault(deps.eventTypes(), input.type, input.data);
  if (fault !== undefined) {
    const stored = await findStoredMessage(deps, idempotencyKey);
    if (stored === undefined) throw activityFailure('InputInvalid', `outbound.emit: ${fault}`);
    if (ackUntil !== undefined) await askDatabase(() => askLonger(deps.database.orm, stored.messageId, ackUntil));
    return stored;
  }
  if (ackUntil !== undefined && (deps.publicUrl ?? null) === null) throw publicUrlMissing();
  const createdAt = deps.clock();
  const body = messageBody(input, createdAt);
  const { type, tenant } = input;
  return storeMessageOnce(deps, { idempotencyKey, type, tenant, body, createdAt, ackUntil });
}

/** `type`, `timestamp` and `data`, the payload structure of Standard Webhooks. */
function messageBody({ type, data }: ActivityInput<'outbound.emit'>, now: Date): string {
  const body = JSON.stringify({ type, timestamp: now.toISOString(), data });
  const bytes = Buffer.byteLength(body);
  if (bytes > maxBodyBytes) {
    throw activityFailure('InputInvalid', `outbound.emit: expected at most ${maxBodyBytes} bytes, got ${bytes}`);
  }
  return body;
}
