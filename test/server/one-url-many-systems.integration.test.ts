import { noHistory } from './no-history.ts';
import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Agent } from 'undici';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { deliver } from '../../activities/deliver.ts';
import type { RunInput } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { dispatchEvent } from '../../server/dispatch-event.ts';
import { parsePreset } from '../../server/gateway/presets.ts';
import { mountSources } from '../../server/gateway/sources.ts';
import { createInbox } from '../../server/inbox.ts';
import type { LoadedDefinition } from '../../server/load-definitions.ts';
import { createMetrics } from '../../server/metrics.ts';
import { takeWebhook } from '../../server/receiver/take-webhook.ts';
import type { Database } from '../../storage/database.ts';
import { endpoints } from '../../storage/schema.ts';
import { activityFixture, fixtureTime } from '../activities/activity-fixture.ts';
import { startHttpReceiver } from '../activities/http-receiver.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { noTurns } from './no-turns.ts';
import { endpointRow, secretKeys } from '../activities/outbound/endpoint-row.ts';

const gatewaySecret = 'whsec_of_the_gateway';
const endpointSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const nowMs = fixtureTime.getTime();

async function stripeSource() {
  const file = new URL('../../definitions/gateways/stripe.json', import.meta.url);
  const { preset } = parsePreset('stripe.json', await readFile(file, 'utf8'));
  const sources = { stripe: { gateway: 'stripe', secrets: ['STRIPE'], keepHeaders: ['Stripe-Signature'] } };
  const mounted = mountSources({
    presets: new Map([['stripe', preset!]]),
    sourcesText: JSON.stringify(sources),
    file: 'sources.json',
    lookupSecret: () => gatewaySecret,
    publicUrl: 'https://kait.example',
  });
  return mounted.get('stripe')!;
}

function definition(name: string): LoadedDefinition {
  const relay = { id: 'relay', call: 'webhooks.forward' };
  const on = { event: 'payment.succeeded' };
  return { definition: { name, on, steps: [relay] }, hash: name, file: `${name}.json`, children: {} };
}

/** The events of a request from Stripe, as they are handed over for dispatch. */
async function takeAll(database: Database, headers: Record<string, string>, body: Buffer): Promise<CanonicalEvent[]> {
  const taken: CanonicalEvent[] = [];
  await takeWebhook(
    await stripeSource(),
    { method: 'POST', url: '/in/stripe', headers, body },
    { take: () => true, keepDuring: () => undefined },
    {
      inbox: createInbox({ database, wantsClaim: () => true, onStored: (_rowId, event) => void taken.push(event) }),
      isWanted: () => true,
      countVerified: () => null,
      metrics: createMetrics(() => Promise.resolve(0)),
      log: pino({ level: 'silent' }),
      now: () => nowMs,
    },
  );
  return taken;
}

async function startRuns(event: CanonicalEvent, definitions: LoadedDefinition[]): Promise<RunInput[]> {
  const runs: RunInput[] = [];
  await dispatchEvent(event, {
    definitions,
    installation: 'kait-test',
    localActivities: [],
    ...noHistory,
    turns: noTurns,
    startRun: (input) => {
      runs.push(input);
      return Promise.resolve({ kind: 'started' });
    },
  });
  return runs;
}

/** Executes each run's step and delivers the resulting messages. */
async function forwardAll(database: Database, runs: RunInput[]): Promise<void> {
  const { activities, started } = activityFixture(database);
  for (const { definition, event } of runs) {
    const idempotencyKey = `${definition.name}/${event.source}/${event.id}/relay`;
    await activities['webhooks.forward']({}, { idempotencyKey, source: event.source, eventId: event.id });
  }
  const dispatcher = new Agent();
  const sending = {
    ...{ random: () => 0.5, schedule: [0], userAgent: 'Kait/test', secretKeys },
    ...{ sleep: () => Promise.resolve(), release: () => undefined },
  };
  const log = pino({ level: 'silent' });
  for (const { id } of started) {
    await deliver({ database, clock: () => fixtureTime, log, dispatcher, ...sending }, { deliveryId: id });
  }
  await dispatcher.destroy();
}

afterEach(() => vi.useRealTimers());

it('runs each definition that an event triggers, and forwards the request with its original signature', async () => {
  const database = await openTestDatabase();
  const receiver = await startHttpReceiver();
  onTestFinished(async () => {
    await receiver.close();
    await database.close();
  });
  const legacy = endpointRow({
    ...{ id: 'legacy', url: receiver.origin, patterns: ['forward.stripe.*'], secret: endpointSecret },
  });
  await database.orm.insert(endpoints).values(legacy);

  const body = Buffer.from(
    '{\n  "id": "evt_1", "type": "payment_intent.succeeded",\n  "data": {"object": {"id": "pi_1", "amount": 1.0, "metadata": {"order_id": "O"}}}\n}',
  );
  const timestamp = nowMs / 1_000;
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload: body.toString(),
    secret: gatewaySecret,
    timestamp,
  });
  const headers = { 'stripe-signature': signature, 'content-type': 'application/json', cookie: 'session=1' };
  const [event] = await takeAll(database, headers, body);
  const runs = await startRuns(event!, [definition('shop'), definition('accounting')]);
  expect(runs.map((run) => `${run.definition.name}/${run.event.id}`)).toEqual([
    'shop/pi_1:succeeded',
    'accounting/pi_1:succeeded',
  ]);

  await forwardAll(database, runs);
  expect(receiver.received).toHaveLength(1);
  const [request] = receiver.received;
  expect(request!.bytes).toEqual(body);
  expect(request!.headers).not.toHaveProperty('cookie');
  vi.useFakeTimers({ toFake: ['Date'], now: fixtureTime });
  const forwarded = request!.headers as Record<string, string>;
  const verified = Stripe.webhooks.constructEvent(request!.bytes, forwarded['stripe-signature']!, gatewaySecret);
  expect(verified.id).toBe('evt_1');
  expect(new Webhook(endpointSecret).verify(request!.bytes, forwarded)).toMatchObject({ id: 'evt_1' });
});
