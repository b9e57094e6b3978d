import { pino } from 'pino';
import { MockAgent } from 'undici';
import { type Activities, createActivities, type ActivityDeps } from '../../activities/create-activities.ts';
import type { MailTransport, OutgoingMail } from '../../activities/mail/mail-transport.ts';
import type { StartableDelivery } from '../../activities/outbound/delivery-starter.ts';
import type { OwnActivity } from '../../activities/own/define-activity.ts';
import { type OwnActivityDeps, runOwnActivity } from '../../activities/own/run-own-activity.ts';
import { parseContext } from '../../activities/parse-input.ts';
import type { cancelOrder } from '../../activities/shop/cancel-order.ts';
import type { createOrder } from '../../activities/shop/create-order.ts';
import type { grantCashback } from '../../activities/shop/grant-cashback.ts';
import { shopActivities } from '../../activities/shop/shop-activities.ts';
import type { CallContext } from '../../language/definition.ts';
import { noEventTypes } from '../../language/event-types.ts';
import type { Database } from '../../storage/database.ts';

export const fixtureTime = new Date('2026-11-25T08:00:00.000Z');

/** A mail transport that records its mails. `fail` makes the next one reject. */
export interface RecordingTransport extends MailTransport {
  sent: OutgoingMail[];
  failNext(error: Error): void;
}

export function recordingTransport(): RecordingTransport {
  const sent: OutgoingMail[] = [];
  const failures: Error[] = [];
  return {
    sent,
    failNext: (error) => failures.push(error),
    send: (mail) => {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      sent.push(mail);
      return Promise.resolve();
    },
    close: () => undefined,
  };
}

type Called<Activity> =
  Activity extends OwnActivity<infer Input, infer Output>
    ? (input: Input, context: CallContext) => Promise<Output>
    : never;

interface ShopFunctions {
  'orders.create': Called<typeof createOrder>;
  'orders.cancel': Called<typeof cancelOrder>;
  'cashback.grant': Called<typeof grantCashback>;
}

/** All activities that come with Kait. */
export type ShippedActivities = Activities & ShopFunctions;

/** Activities over a real database. Everything that would leave the process is recorded instead. */
export function activityFixture(
  database: Database,
  { transport = recordingTransport(), ...changes }: Partial<ActivityDeps> & { transport?: RecordingTransport } = {},
) {
  const started: StartableDelivery[] = [];
  const deps: ActivityDeps = {
    database,
    clock: () => fixtureTime,
    mail: {
      transport,
      templates: new Map(),
      format: { locale: null, timeZone: 'UTC' },
      from: 'Shop <shop@shop.example>',
      sendTimeoutMs: 1_000,
    },
    deliveryStarter: { start: (deliveries) => started.push(...deliveries) },
    eventTypes: () => noEventTypes,
    dispatcher: new MockAgent(),
    lookupSecret: () => undefined,
    secretBindings: () => Promise.resolve(new Map()),
    attempt: () => ({
      timeoutMs: 1_000,
      pauseMs: 1_000,
      canceled: new AbortController().signal,
      stopping: new AbortController().signal,
    }),
    userAgent: 'Kait/test',
    ...changes,
  };
  const ownDeps = { ...deps, log: pino({ level: 'silent' }), attempt: () => ({ ...deps.attempt(), number: 1 }) };
  const activities: ShippedActivities = { ...createActivities(deps), ...shopFunctions(ownDeps) };
  return { activities, deps, ownDeps, transport, started };
}

/** As the worker runs them. */
function shopFunctions(ownDeps: OwnActivityDeps): ShopFunctions {
  const functions = [...shopActivities].map(([name, activity]) => [
    name,
    async (input: unknown, context: unknown) => runOwnActivity(ownDeps, activity, input, parseContext(name, context)),
  ]);
  return Object.fromEntries(functions) as ShopFunctions; // The same activities by the same names.
}

export function contextOf(idempotencyKey: string): CallContext {
  return { idempotencyKey, source: 'stripe', eventId: 'evt_1' };
}
