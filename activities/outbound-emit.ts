import type { CallContext } from '../language/definition.ts';
import type { ActivityInput, ActivityOutput } from './engine-activities.ts';
import { activityFailure } from './failure-types.ts';
import { type OutboundDeps, storeMessageOnce } from './outbound/store-message.ts';

/** More than any receiver should have to accept. Standard Webhooks recommends staying below 20 kB. */
const maxBodyBytes = 256 * 1_024;

/** Stores a message for every endpoint that subscribes to its type, once per key. See {@link storeMessageOnce}. */
export async function emitOnce(
  deps: OutboundDeps,
  input: ActivityInput<'outbound.emit'>,
  { idempotencyKey }: CallContext,
): Promise<ActivityOutput<'outbound.emit'>> {
  const createdAt = deps.clock();
  const body = messageBody(input, createdAt);
  return storeMessageOnce(deps, { idempotencyKey, type: input.type, body, createdAt });
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
