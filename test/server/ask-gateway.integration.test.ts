import { noHistory } from './no-history.ts';
import { sampleInstallation } from './sample-installation.ts';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client, WorkflowFailedError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { asc, eq } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { createCatalogue } from '../../activities/catalogue.ts';
import { createFetchActivities, createGatewayActivities } from '../../activities/gateway/create-gateway-activities.ts';
import { composeDispatch } from '../../cli/compose/compose-dispatch.ts';
import { sharedTemporalAccess } from '../../cli/compose/temporal-access.ts';
import type { Definition } from '../../language/definition.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import type { PlanNode } from '../../language/plan.ts';
import { createBacklog } from '../../server/backlog.ts';
import { createMetrics } from '../../server/metrics.ts';
import { readData } from '../../server/gateway/read-events.ts';
import { loadPresets, type Presets } from '../../server/gateway/presets.ts';
import { mountSources } from '../../server/gateway/sources.ts';
import { scheduleIdOf, syncReconcileSchedules } from '../../server/reconcile-schedules.ts';
import { ensureSearchAttributes } from '../../server/search-attributes.ts';
import { replayEvent } from '../../server/replay-event.ts';
import { createSourceRegistry } from '../../server/source-registry.ts';
import type { Database } from '../../storage/database.ts';
import { events, orders, runs } from '../../storage/schema.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { startWorker, type RunningWorker } from '../../worker/start-worker.ts';
import type { StepProgress } from '../../workflows/progress.ts';
import { activityFixture } from '../activities/activity-fixture.ts';
import { startHttpReceiver, type HttpReceiver } from '../activities/http-receiver.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { askedAtMs, openAskFixture, type AskFixture } from './gateway/ask/ask-fixture.ts';
import { presetsFolder, presetWith, samplesFolder } from './gateway/gateways.ts';
import { noTurns } from './no-turns.ts';
import { builtInterpreter } from '../services/built-interpreter.ts';

const { address, namespace } = inject('temporal');
const installation = sampleInstallation(`asking-${randomUUID()}`);
const log = pino({ level: 'silent' });

let database: Database;
let gateway: HttpReceiver;
let connection: NativeConnection;
let client: Client;
let kait: AskFixture;
let worker: RunningWorker;
let presets: Presets;
let dispatchAll: () => Promise<void>;
/** How old webhooks are when the gateway answers. */
let ageMs: number;

/** Creates an order. Tests set `on`. */
const shop: Definition = {
  name: 'shop',
  on: { event: ['payment.succeeded', 'payment.refunded'] },
  steps: [
    {
      id: 'order',
      call: 'orders.create',
      with: { reference: '{{event.id}}', amount: '{{event.payment.amount}}', currency: '{{event.payment.currency}}' },
    },
  ],
};

/** Sends batches of events without their amounts. */
const lackingAmounts = presetWith({
  event: { items: '/events/*', id: 'item:/id', type: ['item:/action'] },
  types: [{ match: { 'item:/action': ['confirmed'] }, type: 'payment.succeeded' }],
  payments: [{ amount: { from: ['item:/fetched/amount'], unit: 'minor' }, currency: ['text:IDR'] }],
  fetch: {
    api: { live: 'https://api.example.com' },
    into: '/fetched',
    cases: [{ request: { url: '{api}/payments/{item:/payment}', headers: { authorization: 'Bearer {key}' } } }],
  },
});

beforeAll(async () => {
  installRuntime(log);
  database = await openTestDatabase();
  gateway = await startHttpReceiver();
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  await ensureSearchAttributes(connection, namespace);
  presets = new Map([...(await loadPresets(presetsFolder)), ['test_gateway', lackingAmounts]]);
  const sources = {
    midtrans: { gateway: 'midtrans', secrets: ['S'], confirm: true },
    stripe: { gateway: 'stripe', secrets: ['S'], reconcile: { every: '15m', lookBack: '24h' } },
    mollie: { gateway: 'mollie_classic', pathSecret: 'P' },
    debits: { gateway: 'test_gateway', secrets: ['S'] },
  };
  kait = openAskFixture({ database, presets, sources, apiUrl: gateway.origin });
  const attempt = () => ({ pauseMs: 2_000, firstAt: new Date(askedAtMs), canceled: new AbortController().signal });
  const asking = { gateways: kait.client, clock: () => new Date(askedAtMs + ageMs), log, attempt };
  worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, cachedRuns: 0, concurrentActivities: 20 },
    bundle: builtInterpreter,
    activities: { ...activityFixture(database).activities, ...createGatewayActivities(asking) },
    deliveryActivities: createFetchActivities(asking),
  });
  dispatchAll = dispatcherOf(sources);
});
afterAll(async () => {
  await worker.stop();
  await connection.close();
  await kait.close();
  await gateway.close();
  await database.close();
});
beforeEach(async () => {
  ageMs = 60_000;
  gateway.received.length = 0;
  await database.orm.delete(runs);
  await database.orm.delete(events);
  await database.orm.delete(orders);
});

/** Hands every pending event to Temporal, as the server does. */
function dispatcherOf(sources: Record<string, object>): () => Promise<void> {
  const mounted = mountSources({
    presets,
    sourcesText: JSON.stringify(
      Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, { apiKey: 'K', ...source }])),
    ),
    file: 'sources.json',
    lookupSecret: () => 'secret-of-the-test',
    publicUrl: 'http://127.0.0.1',
  });
  const dispatch = composeDispatch({
    installation,
    temporal: sharedTemporalAccess(connection, { namespace, address: inject('temporal').address, home: 'none' }, null),
    sources: createSourceRegistry(mounted),
    served: {
      definitions: [{ definition: shop, hash: 'hash', file: 'shop.json', children: {} }],
      awaited: [],
      activities: { catalogue: createCatalogue() },
    },
    metrics: createMetrics(() => Promise.resolve(0)),
    correlate: () => Promise.resolve(0),
    turns: noTurns,
    log: pino({ level: 'silent' }),
  });
  const backlog = createBacklog({
    database,
    readData: (name, ...stored) => readData(presets.get(name)!, ...stored),
    random: () => 0,
  });
  return async () => {
    for (const claimed of (await backlog.claim({ count: 100 })).events) {
      const outcome = await dispatch(claimed.event, noHistory);
      if (outcome.kind === 'unstarted') throw new Error(outcome.reason);
      await backlog.finish(claimed, outcome);
    }
  };
}

const sample = async (name: string) =>
  JSON.parse(await readFile(`${samplesFolder}/${name}.json`, 'utf8')) as JsonObject;
const orderReferences = async () =>
  (await database.orm.select().from(orders).orderBy(asc(orders.reference))).map(({ reference }) => reference);
const unique = () => randomUUID().slice(0, 8);

/** A Midtrans settlement with its own id, and what Midtrans answers about it. */
async function settlement(confirmed: JsonObject) {
  const notification = { ...(await sample('midtrans/settlement')), transaction_id: `tx-${unique()}` };
  const [eventId = ''] = await kait.receive('midtrans', JSON.stringify(notification));
  const said = { ...notification, ...confirmed };
  return { eventId, said, handle: client.workflow.getHandle(`${installation.id}/shop/midtrans/${eventId}`) };
}

const respond = (status: number, body: Json) =>
  gateway.answer((response) => response.writeHead(status).end(JSON.stringify(body)));

it('continues if the gateway confirms the event, and shows the question as the first step', async () => {
  const { eventId, said, handle } = await settlement({});
  respond(200, said);
  await dispatchAll();
  await handle.result();
  expect(await orderReferences()).toEqual([eventId]);
  const plan = await handle.query<PlanNode[]>('plan');
  expect(plan.map(({ id, what, title }) => [id, what, title])).toEqual([
    ['kait:confirm', 'gateway.confirm', 'Does the gateway confirm it?'],
    ['order', 'orders.create', 'order'],
  ]);
  const progress = await handle.query<StepProgress[]>('progress');
  expect(progress.map(({ id, status }) => [id, status])).toEqual([
    ['kait:confirm', 'done'],
    ['order', 'done'],
  ]);
});

it('fails the run as Unconfirmed if the gateway contradicts the event, before anything is done', async () => {
  const { said, handle } = await settlement({ transaction_status: 'pending' });
  respond(200, said);
  await dispatchAll();
  const failed = await handle.result().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(WorkflowFailedError);
  expect(failed).toMatchObject({
    cause: {
      type: 'Unconfirmed',
      message:
        'Step "kait:confirm" (gateway.confirm) failed: transaction_status: the webhook says settlement, the gateway says pending',
    },
  });
  expect(await orderReferences()).toEqual([]);
  const [confirm] = await handle.query<StepProgress[]>('progress');
  expect(confirm).toMatchObject({
    status: 'failed',
    error: 'transaction_status: the webhook says settlement, the gateway says pending',
  });
});

it('asks again if the gateway is down, answers with an error, or may lag behind its own webhook', async () => {
  ageMs = 0;
  const { eventId, said, handle } = await settlement({});
  const answers = [
    [503, null],
    [200, { status_code: '500', status_message: 'Sorry, we encountered internal server error' }],
    [200, { ...said, transaction_status: 'pending' }],
    [200, said],
  ] as const;
  gateway.answer((response) => {
    const [status, body] = answers[gateway.received.length - 1] ?? [500, null];
    response.writeHead(status).end(JSON.stringify(body));
  });
  await dispatchAll();
  await handle.result();
  expect(gateway.received).toHaveLength(4);
  expect(await orderReferences()).toEqual([eventId]);
});

it('starts one run for each state of a payment, no matter how many notices arrive at once', async () => {
  const id = `tr_${unique()}`;
  const paid = { ...(await sample('mollie_classic/paid')), id };
  respond(200, paid);
  const notice = () => kait.receive('mollie', `id=${id}`, 'application/x-www-form-urlencoded');
  const notices = (await Promise.all([1, 2, 3, 4, 5].map(notice))).flat();
  await dispatchAll();
  for (const each of notices) await client.activity.getHandle(`${installation.id}/fetch/mollie/${each}`).result();
  const states = await database.orm.select().from(events).orderBy(asc(events.id));
  expect(states.map(({ type, state }) => `${type} ${state}`)).toEqual([
    ...Array.from({ length: 5 }, () => 'mollie_classic:notice dispatched'),
    'payment.succeeded pending',
  ]);
  await dispatchAll();
  const paidEvent = `${id}:paid`;
  await client.workflow.getHandle(`${installation.id}/shop/mollie/${paidEvent}`).result();
  respond(200, { ...paid, amountRefunded: { value: '5.95', currency: 'EUR' } });
  const [later = ''] = await notice();
  await dispatchAll();
  await client.activity.getHandle(`${installation.id}/fetch/mollie/${later}`).result();
  await dispatchAll();
  await client.workflow.getHandle(`${installation.id}/shop/mollie/${id}:refunded:5.95`).result();
  expect(await orderReferences()).toEqual([paidEvent, `${id}:refunded:5.95`]);
});

it('shows why a notice was given up, and asks again once it is replayed', async () => {
  const id = `tr_${unique()}`;
  respond(400, { title: 'Bad request' });
  const [notice = ''] = await kait.receive('mollie', `id=${id}`, 'application/x-www-form-urlencoded');
  await dispatchAll();
  const fetchId = `${installation.id}/fetch/mollie/${notice}`;
  await expect(client.activity.getHandle(fetchId).result()).rejects.toThrow();
  const stored = () => database.orm.select().from(events).orderBy(asc(events.id));
  expect(await stored()).toMatchObject([{ state: 'failed', lastError: expect.stringContaining('answered 400') }]);
  respond(200, { ...(await sample('mollie_classic/paid')), id });
  const served = { definitions: [], awaited: [] };
  expect(await replayEvent({ database, served }, { source: 'mollie', eventId: notice })).toMatchObject({
    replayed: true,
  });
  await dispatchAll();
  expect(await client.activity.getHandle(fetchId).result()).toEqual({ kind: 'fetched', stored: 1, known: 0 });
  expect(await stored()).toMatchObject([
    { eventId: notice, state: 'dispatched', lastError: null },
    { eventId: `${id}:paid`, state: 'pending' },
  ]);
});

it('starts the run of a genuine event with what its gateway answers about it, once for all redeliveries', async () => {
  const id = `EV${unique()}`;
  const body = JSON.stringify({ events: [{ id, action: 'confirmed', payment: 'PM1' }] });
  const answers = [
    [503, null],
    [200, { amount: 250_000 }],
  ] as const;
  gateway.answer((response) => {
    const [status, said] = answers[gateway.received.length - 1] ?? [500, null];
    response.writeHead(status).end(JSON.stringify(said));
  });
  await kait.receive('debits', body);
  await dispatchAll();
  await kait.receive('debits', body);
  await client.activity.getHandle(`${installation.id}/fetch/debits/notice:${id}`).result();
  await dispatchAll();
  await client.workflow.getHandle(`${installation.id}/shop/debits/${id}`).result();
  const placed = await database.orm.select().from(orders);
  expect(placed.map(({ reference, amount }) => [reference, amount])).toEqual([[id, 250_000]]);
  expect(gateway.received.map(({ path }) => path)).toEqual(['/payments/PM1', '/payments/PM1']);
  const rows = await database.orm.select().from(events).orderBy(asc(events.id));
  expect(rows.map(({ eventId, type, state, duplicates }) => [eventId, type, state, duplicates])).toEqual([
    [`notice:${id}`, 'test_gateway:notice', 'dispatched', 1],
    [id, 'payment.succeeded', 'dispatched', 0],
  ]);
});

it('reconciles on a schedule: a missing event runs once, and the second pass finds nothing', async () => {
  const intent = await sample('stripe/payment_intent.succeeded');
  const payment = (id: string) =>
    JSON.parse(JSON.stringify(intent).replaceAll('pi_3Rk9ToKoKopi0001ZyXwVuTs', id)) as object;
  const [known, missing] = [`pi_known_${unique()}`, `pi_missing_${unique()}`];
  await kait.receive('stripe', JSON.stringify(payment(known)));
  await dispatchAll();
  respond(200, {
    data: [
      { ...payment(missing), id: 'evt_missing' },
      { ...payment(known), id: 'evt_known' },
    ],
    has_more: false,
  });
  const deps = { schedules: client.schedule, installation, now: () => new Date(askedAtMs) };
  const source = { name: `stripe`, gateway: 'stripe', everyMs: 900_000 };
  await syncReconcileSchedules(deps, [source]);
  const schedule = client.schedule.getHandle(scheduleIdOf(installation.id, 'stripe'));
  const passes: Json[] = [];
  for (let pass = 0; pass < 2; pass += 1) {
    await schedule.trigger();
    const { action } = await expect
      .poll(async () => (await schedule.describe()).info.recentActions[pass], { timeout: 20_000 })
      .toBeDefined()
      .then(async () => (await schedule.describe()).info.recentActions[pass]!);
    passes.push((await client.workflow.getHandle(action.workflow.workflowId).result()) as Json);
  }
  expect(passes).toEqual([
    { asked: 1, found: 2, missing: 1, stored: 1 },
    { asked: 1, found: 2, missing: 0, stored: 0 },
  ]);
  await dispatchAll();
  await client.workflow.getHandle(`${installation.id}/shop/stripe/${missing}:succeeded`).result();
  const [row] = await database.orm
    .select()
    .from(events)
    .where(eq(events.eventId, `${missing}:succeeded`));
  expect(row).toMatchObject({ state: 'dispatched', duplicates: 0, type: 'payment.succeeded' });

  await syncReconcileSchedules(deps, [{ ...source, everyMs: 3_600_000 }]);
  expect((await schedule.describe()).spec.intervals?.map(({ every }) => every)).toEqual([3_600_000]);
  await expect
    .poll(
      async () => {
        await syncReconcileSchedules(deps, []); // The list is a little behind.
        return schedule.describe().then(
          () => 'there',
          () => 'gone',
        );
      },
      { timeout: 20_000 },
    )
    .toBe('gone');
});
