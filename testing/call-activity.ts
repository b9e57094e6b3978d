import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { MockAgent } from 'undici';
import type { OwnActivity } from '../activities/own/define-activity.ts';
import { runOwnActivity } from '../activities/own/run-own-activity.ts';
import type { Json } from '../language/json.ts';
import { parseDuration } from '../language/time.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { events } from '../storage/schema.ts';
import { storedEnvelope } from '../storage/stored-envelope.ts';
import type { StartedReceivers } from './receivers.ts';
import type { TestDatabase } from './test-database.ts';

/** One attempt of a step that calls an activity, as a test makes it. */
export interface TestCall {
  input: unknown;
  idempotencyKey: string;
  /** Counts from 1. */
  attempt: number;
  event: CanonicalEvent;
  /** Values of `KAIT_SECRET_…`, by their names. */
  secrets: Readonly<Record<string, string>>;
  /** Who gets its requests. Default: nobody. */
  receivers?: Pick<StartedReceivers, 'dispatcher' | 'hosts'>;
}

const defaultTimeout = '30s';

/** Runs an attempt as a worker would. Rejects with the failure that Temporal would get. */
export function callActivity(
  { database }: Pick<TestDatabase, 'database'>,
  activity: OwnActivity,
  call: TestCall,
): Promise<Json> {
  const { idempotencyKey, event, secrets, receivers } = call;
  const bindings = Object.keys(secrets).map((name) => [name, { hosts: receivers?.hosts ?? [] }] as const);
  return runOwnActivity(
    {
      database,
      log: pino({ level: 'silent' }),
      dispatcher: receivers?.dispatcher ?? new MockAgent(),
      userAgent: 'Kait/test',
      lookupSecret: (name) => (Object.hasOwn(secrets, name) ? secrets[name] : undefined),
      secretBindings: () => Promise.resolve(new Map(bindings)),
      attempt: () => ({
        number: call.attempt,
        timeoutMs: parseDuration(activity.timeout ?? defaultTimeout),
        pauseMs: 0,
        canceled: new AbortController().signal,
        stopping: new AbortController().signal,
      }),
    },
    activity,
    asJson(call.input),
    { idempotencyKey, source: event.source, eventId: event.id, definition: 'test' },
  );
}

/** What a run's history would make of it. */
function asJson(input: unknown): unknown {
  return JSON.parse(JSON.stringify(input ?? null));
}

/** Puts an event into the inbox, from which activities read it. */
export async function storeEvent({ database }: TestDatabase, event: CanonicalEvent): Promise<void> {
  const envelope = storedEnvelope(event, { orderId: null, paymentId: null, currency: null, amount: null });
  await database.orm
    .insert(events)
    .values({
      ...{ source: event.source, eventId: event.id, gateway: event.gateway, type: event.type },
      ...{ nativeType: event.nativeType, entity: event.entity, state: 'dispatched', bodyId: 0, envelope },
      ...{ occurredAt: new Date(event.occurredAt), receivedAt: new Date(event.receivedAt) },
    })
    .onConflictDoNothing();
}

/** `PermanentError` and its like, as a definition sees them. */
export function failureOf(
  error: unknown,
): { type: string; message: string; isPermanent: boolean; inDoubt: boolean } | null {
  if (!(error instanceof ApplicationFailure)) return null;
  const effect = (error.details?.[0] as { effect?: unknown } | undefined)?.effect;
  return {
    type: error.type ?? 'Error',
    message: error.message,
    isPermanent: error.nonRetryable === true,
    inDoubt: effect !== 'none',
  };
}
