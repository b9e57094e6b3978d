import { eq, sql } from 'drizzle-orm';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import type { Dispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { deliver, type DeliverDeps } from '../../activities/deliver.ts';
import { createCallbackUrl } from '../../activities/outbound/callback-url.ts';
import { parseNetworks } from '../../http/networks.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import type { EndpointPolicy } from '../../language/endpoint-policy.ts';
import type { Database } from '../../storage/database.ts';
import { readCallbackToken } from '../../storage/callback-token.ts';
import { sampleInstallation } from '../server/sample-installation.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { attempts, deliveries, endpoints, messages } from '../../storage/schema.ts';
import { activityFixture, contextOf, fixtureTime } from './activity-fixture.ts';
import { type HttpReceiver, startHttpReceiver } from './http-receiver.ts';
import { endpointRow, secretKeys } from './outbound/endpoint-row.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);

let database: Database;
let receiver: HttpReceiver;
let allowing: Dispatcher;
let refusing: Dispatcher;
beforeAll(async () => {
  database = await openTestDatabase();
  allowing = createGuardedAgent({ allow: parseNetworks(['127.0.0.0/8']), resolve });
  refusing = createGuardedAgent({ allow: [], resolve });
});
afterAll(async () => {
  await allowing.destroy();
  await refusing.destroy();
  await database.close();
});
beforeEach(async () => {
  receiver = await startHttpReceiver();
});
afterEach(async () => {
  await receiver.close();
  await database.orm.delete(messages);
  await database.orm.delete(endpoints);
});

/** Emits a message to one endpoint at `url`; returns the delivery's id. */
async function emitTo(url: string, policy: EndpointPolicy = {}): Promise<string> {
  await database.orm.insert(endpoints).values(endpointRow({ id: 'ep_1', url, patterns: ['*'], secret, policy }));
  const { activities, started } = activityFixture(database);
  await activities['outbound.emit']({ type: 'order.created', data: { orderId: 'ord_1' } }, contextOf('emit'));
  return started[0]!.id;
}

function attemptDelivery(deliveryId: string, changes: Partial<DeliverDeps> = {}) {
  const deps: DeliverDeps = {
    database,
    clock: () => fixtureTime,
    log: pino({ level: 'silent' }),
    dispatcher: allowing,
    random: () => 0.5,
    schedule: [0, 5_000, 300_000],
    sleep: () => Promise.resolve(),
    release: () => undefined,
    secretKeys,
    userAgent: 'Kait/test',
    ...changes,
  };
  return deliver(deps, { deliveryId });
}

/** Makes every insert into a table and every update of it fail, until it is mended. */
async function breakTable(name: 'attempts' | 'deliveries'): Promise<() => Promise<void>> {
  await database.orm.execute(sql.raw(`alter table ${name} add constraint broken check (false) not valid`));
  return async () => {
    await database.orm.execute(sql.raw(`alter table ${name} drop constraint broken`));
  };
}

async function stored(deliveryId: string) {
  const [delivery] = await database.orm.select().from(deliveries).where(eq(deliveries.id, deliveryId));
  const made = await database.orm.select().from(attempts).where(eq(attempts.delivery, deliveryId));
  const [endpoint] = await database.orm.select().from(endpoints);
  return { delivery, attempts: made, endpoint };
}

describe('outbound.deliver', () => {
  it('sends the message signed, and records the delivery', async () => {
    const id = await emitTo(`${receiver.origin}/hook`);
    expect(await attemptDelivery(id)).toEqual({ state: 'delivered' });
    const [request] = receiver.received;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook',
      body: '{"type":"order.created","timestamp":"2026-11-25T08:00:00.000Z","data":{"orderId":"ord_1"}}',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Kait/test',
        'webhook-timestamp': '1795593600',
      },
    });
    vi.useFakeTimers({ toFake: ['Date'], now: fixtureTime });
    const headers = request!.headers as Record<string, string>;
    expect(new Webhook(secret).verify(request!.body, headers)).toMatchObject({ type: 'order.created' });
    vi.useRealTimers();
    const record = await stored(id);
    expect(record.delivery).toMatchObject({ state: 'delivered', attempts: 1, lastStatus: 204, lastError: null });
    expect(record.delivery?.endedAt).toEqual(fixtureTime);
    expect(record.attempts).toMatchObject([{ number: 1, status: 204, error: null, at: fixtureTime }]);
  });

  it('sends what the endpoint’s transformation makes of the message, signed', async () => {
    const body = { text: 'Order {{data.orderId}}', at: '{{timestamp}}' };
    const id = await emitTo(`${receiver.origin}/hook`, {
      transform: { body, contentType: 'application/vnd.chat+json' },
    });
    expect(await attemptDelivery(id)).toEqual({ state: 'delivered' });
    const [request] = receiver.received;
    expect(request).toMatchObject({
      body: '{"text":"Order ord_1","at":"2026-11-25T08:00:00.000Z"}',
      headers: { 'content-type': 'application/vnd.chat+json' },
    });
    vi.useFakeTimers({ toFake: ['Date'], now: fixtureTime });
    const headers = request!.headers as Record<string, string>;
    expect(new Webhook(secret).verify(request!.body, headers)).toMatchObject({ text: 'Order ord_1' });
    vi.useRealTimers();
  });

  it('refuses a delivery whose transformation fails, without a request', async () => {
    const id = await emitTo(receiver.origin, { transform: { body: '{{data.customer}}' } });
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryRefused', nonRetryable: true });
    const { delivery } = await stored(id);
    expect(delivery).toMatchObject({
      ...{ state: 'refused', attempts: 0 },
      lastError: 'the transformation failed: data.customer is missing: data has no "customer". It has: orderId.',
    });
    expect(receiver.received).toEqual([]);
  });

  it('sends to where the endpoint is now, and shows where that was', async () => {
    const id = await emitTo('https://wrong.example/');
    await database.orm.update(endpoints).set({ url: `${receiver.origin}/corrected` });
    expect(await attemptDelivery(id)).toEqual({ state: 'delivered' });
    expect(receiver.received).toMatchObject([{ path: '/corrected' }]);
    expect((await stored(id)).delivery?.url).toBe(`${receiver.origin}/corrected`);
  });

  it('reaches no private network for a tenant, whatever the operator’s own endpoints may reach', async () => {
    const id = await emitTo(receiver.origin);
    await database.orm.update(deliveries).set({ tenant: 'acme' }).where(eq(deliveries.id, id));
    await expect(attemptDelivery(id)).rejects.toMatchObject({
      message: expect.stringContaining('no client') as string,
    });
    const refused = attemptDelivery(id, {
      forTenants: { dispatcher: refusing },
      clock: () => new Date('2026-11-26T08:00:00Z'),
    });
    await expect(refused).rejects.toMatchObject({ type: 'DeliveryRefused' });
    expect(receiver.received).toEqual([]);
  });

  it('sends nothing if the delivery has ended', async () => {
    const id = await emitTo(receiver.origin);
    await attemptDelivery(id);
    expect(await attemptDelivery(id)).toEqual({ state: 'delivered' });
    expect(receiver.received).toHaveLength(1);
  });

  it('fails without a request if the delivery was refused before, so that Temporal lets a retry start', async () => {
    const id = await emitTo(receiver.origin);
    await database.orm.update(deliveries).set({ state: 'refused' }).where(eq(deliveries.id, id));
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryRefused', nonRetryable: true });
    expect(receiver.received).toEqual([]);
  });

  it('carries the same webhook-id and its own timestamp in each attempt', async () => {
    receiver.answer((response) => response.writeHead(500).end());
    const id = await emitTo(receiver.origin);
    await expect(attemptDelivery(id)).rejects.toThrow();
    const later = () => new Date('2026-11-25T08:00:05.000Z');
    await expect(attemptDelivery(id, { clock: later })).rejects.toThrow();
    const [first, second] = receiver.received.map(({ headers }) => headers);
    expect(second!['webhook-id']).toBe(first!['webhook-id']);
    expect(second!['webhook-timestamp']).toBe('1795593605');
    expect(second!['webhook-signature']).not.toBe(first!['webhook-signature']);
    expect((await stored(id)).attempts.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('carries the URL on which the receiver may answer, the same in each attempt, and keeps nothing of it', async () => {
    const ackUntil = new Date(fixtureTime.getTime() + 3_600_000);
    const id = await emitTo(receiver.origin);
    await database.orm.update(messages).set({ ackUntil });
    const callbackUrl = createCallbackUrl(sampleInstallation(), 'https://hooks.shop.example/');
    const url = callbackUrl({ id, ackUntil });
    receiver.answer((response) => response.writeHead(500, { 'x-echo': url }).end(`no: ${url}`));
    await expect(attemptDelivery(id, { callbackUrl })).rejects.toMatchObject({ type: 'DeliveryFailed' });
    const later = () => new Date('2026-11-25T08:00:05.000Z');
    await expect(attemptDelivery(id, { callbackUrl, clock: later })).rejects.toThrow();
    expect(receiver.received.map(({ headers }) => headers['kait-callback-url'])).toEqual([url, url]);
    const token = url.slice('https://hooks.shop.example/callback/'.length);
    expect(readCallbackToken(sampleInstallation(), token)).toEqual({ delivery: id, expiresAt: 1_795_597_200 });
    const { delivery, attempts: made } = await stored(id);
    expect(delivery?.lastError).toBe('HTTP 500: no: https://hooks.shop.example/callback/[secret]');
    expect(made[0]?.headers?.['x-echo']).toBe('https://hooks.shop.example/callback/[secret]');
  });

  it.each([
    ['has no credentials for callbacks', undefined],
    ['has no KAIT_PUBLIC_URL', createCallbackUrl(sampleInstallation(), null)],
  ])(
    'sends nothing, and is tried again, if the receiver is to answer and the worker %s',
    async (_what, callbackUrl) => {
      const id = await emitTo(receiver.origin);
      await database.orm.update(messages).set({ ackUntil: new Date(fixtureTime.getTime() + 1) });
      const attempted = attemptDelivery(id, { callbackUrl });
      await expect(attempted).rejects.toMatchObject({ type: 'PublicUrlMissing', nonRetryable: false });
      expect(receiver.received).toEqual([]);
      expect((await stored(id)).delivery).toMatchObject({ state: 'pending', attempts: 0 });
    },
  );

  it('carries no callback URL if nobody waits for an answer', async () => {
    const id = await emitTo(receiver.origin);
    await attemptDelivery(id, { callbackUrl: createCallbackUrl(sampleInstallation(), 'https://hooks.shop.example') });
    expect(receiver.received[0]?.headers).not.toHaveProperty('kait-callback-url');
  });

  it('carries no callback URL once the time to answer is over, and needs none then', async () => {
    const id = await emitTo(receiver.origin);
    await database.orm.update(messages).set({ ackUntil: fixtureTime });
    expect(await attemptDelivery(id)).toEqual({ state: 'delivered' });
    expect(receiver.received[0]?.headers).not.toHaveProperty('kait-callback-url');
  });

  it('retries on the schedule after a 500, and keeps one line of the answer without control characters', async () => {
    receiver.answer((response) => response.writeHead(500).end('no \u0000\u001b[31m luck\r\nhere'));
    const id = await emitTo(receiver.origin);
    await expect(attemptDelivery(id)).rejects.toMatchObject({
      type: 'DeliveryFailed',
      nonRetryable: false,
      nextRetryDelay: 5_000,
      message: `${id}, attempt 1: HTTP 500`,
    });
    expect((await stored(id)).delivery).toMatchObject({
      state: 'started',
      lastStatus: 500,
      lastError: 'HTTP 500: no [31m luck here',
      endedAt: null,
    });
  });

  it('keeps nothing of a key in the endpoint’s address that an answer repeats', async () => {
    const id = await emitTo(`${receiver.origin}/hook?v=1&token=tok%2F4711-0815`);
    receiver.answer((response, { path }) => response.writeHead(500).end(`${path} tok/4711-0815`));
    await attemptDelivery(id).catch(() => undefined);
    expect((await stored(id)).delivery?.lastError).toBe('HTTP 500: /hook?v=1&token=[secret] [secret]');
  });

  it('keeps nothing of a key in the endpoint’s path in the reason', async () => {
    const id = await emitTo(`${receiver.origin}/services/T024BE7LD/x0y1z2a3b4%2Bc5d6`);
    receiver.answer((response, { path }) => response.writeHead(404).end(`no ${path}, "x0y1z2a3b4+c5d6"`));
    await attemptDelivery(id).catch(() => undefined);
    expect((await stored(id)).delivery?.lastError).toBe('HTTP 404: no /services/[secret]/[secret], "[secret]"');
  });

  it('keeps nothing of the endpoint’s secret or of its beginning in an answer that was cut', async () => {
    const id = await emitTo(receiver.origin);
    receiver.answer((response) => response.writeHead(500).end(`key ${secret} or ${secret.slice(6)}`));
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryFailed' });
    expect((await stored(id)).delivery?.lastError).toBe('HTTP 500: key [secret] or [secret]');
  });

  it('ends as exhausted after the last attempt', async () => {
    receiver.answer((response) => response.writeHead(404).end());
    const id = await emitTo(receiver.origin);
    await database.orm.update(deliveries).set({ attempts: 2 });
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryExhausted', nonRetryable: true });
    expect((await stored(id)).delivery).toMatchObject({ state: 'exhausted', attempts: 3, endedAt: fixtureTime });
  });

  it.each([
    ['77', 77_000],
    ['2', 2_000],
    ['Wed, 25 Nov 2026 08:01:00 GMT', 60_000],
    ['Wed, 25 Nov 2026 07:00:00 GMT', 1_000],
    ['9999999', 86_400_000],
    ['soon', 5_000],
  ])('comes again exactly when Retry-After says, within bounds: %j', async (retryAfter, pauseMs) => {
    receiver.answer((response) => response.writeHead(503, { 'retry-after': retryAfter }).end());
    const id = await emitTo(receiver.origin);
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryFailed', nextRetryDelay: pauseMs });
  });

  it('does not let Retry-After add an attempt to the schedule', async () => {
    receiver.answer((response) => response.writeHead(429, { 'retry-after': '77' }).end());
    const id = await emitTo(receiver.origin);
    await database.orm.update(deliveries).set({ attempts: 2 });
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryExhausted' });
  });

  it('disables the endpoint at a 410, and parks its other deliveries', async () => {
    receiver.answer((response) => response.writeHead(410).end());
    const id = await emitTo(receiver.origin);
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryRefused', nonRetryable: true });
    const record = await stored(id);
    expect(record.delivery).toMatchObject({ state: 'refused', lastStatus: 410 });
    expect(record.endpoint).toMatchObject({ state: 'disabled', disabledReason: '410 Gone' });
    await database.orm.update(deliveries).set({ state: 'pending', endedAt: null });
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryParked' });
    expect(receiver.received).toHaveLength(1);
    expect((await stored(id)).delivery).toMatchObject({ state: 'parked', parkedBecause: 'disabled' });
  });

  it('refuses a delivery whose endpoint was removed', async () => {
    const id = await emitTo(receiver.origin);
    await database.orm.delete(endpoints);
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryRefused', nonRetryable: true });
    expect(receiver.received).toEqual([]);
    expect((await stored(id)).delivery).toMatchObject({ state: 'refused', lastError: 'the endpoint was removed' });
  });

  it.each([301, 302, 307, 308])('does not follow a %i', async (status) => {
    receiver.answer((response) => response.writeHead(status, { location: `${receiver.origin}/elsewhere` }).end());
    const id = await emitTo(receiver.origin);
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryFailed' });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/']);
  });

  it('gives up on a receiver that does not answer', async () => {
    receiver.answer(() => undefined);
    const id = await emitTo(receiver.origin, { timeLimit: '1s' });
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryFailed' });
    expect((await stored(id)).delivery).toMatchObject({ lastStatus: null, lastError: 'no answer within 1000 ms' });
  });

  it('reports a receiver that is not listening', async () => {
    const { origin } = receiver;
    const id = await emitTo(origin);
    await receiver.close();
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryFailed', nonRetryable: false });
    expect((await stored(id)).delivery?.lastError).toBe('no answer (ECONNREFUSED)');
    receiver = await startHttpReceiver();
  });

  it('reads only the beginning of an endless body', async () => {
    let written = 0;
    receiver.answer((response) => {
      response.writeHead(500);
      const pour = () => {
        let room = true;
        while (room && !response.destroyed) {
          room = response.write('x'.repeat(65_536));
          written += 65_536;
        }
      };
      response.on('drain', pour);
      pour();
    });
    const id = await emitTo(receiver.origin);
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryFailed' });
    expect((await stored(id)).delivery?.lastError).toBe(`HTTP 500: ${'x'.repeat(200)}…`);
    expect(written).toBeLessThan(20_000_000);
  });

  it('counts a 200 as delivered although its body never ends', async () => {
    receiver.answer((response) => response.writeHead(200).write('slow'));
    const id = await emitTo(receiver.origin);
    expect(await attemptDelivery(id)).toEqual({ state: 'delivered' });
  });

  it('refuses a name that leads to loopback, before any connection', async () => {
    const id = await emitTo(`http://innocent.example:${receiver.port}/`);
    await expect(attemptDelivery(id, { dispatcher: refusing })).rejects.toMatchObject({
      type: 'DeliveryRefused',
      message: `${id}, attempt 1: innocent.example leads into a private network. To allow it, add the network to KAIT_OUTBOUND_ALLOW`,
    });
    expect(receiver.received).toEqual([]);
    expect((await stored(id)).delivery?.state).toBe('refused');
    expect((await stored(id)).endpoint?.state).toBe('enabled');
  });

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'refuses the address %s, which no resolver sees',
    async (host) => {
      const id = await emitTo(`http://${host}:${receiver.port}/`);
      await expect(attemptDelivery(id, { dispatcher: refusing })).rejects.toMatchObject({ type: 'DeliveryRefused' });
      expect(receiver.received).toEqual([]);
    },
  );

  it('connects only to those addresses of the name that are allowed', async () => {
    const id = await emitTo(`http://mixed.example:${receiver.port}/`);
    const dispatcher = createGuardedAgent({
      allow: parseNetworks(['127.0.0.1/32']),
      resolve: () => Promise.resolve(['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }))),
    });
    expect(await attemptDelivery(id, { dispatcher })).toEqual({ state: 'delivered' });
    await dispatcher.destroy();
    expect(receiver.received).toHaveLength(1);
  });

  it('sends nothing before the next attempt is due', async () => {
    receiver.answer((response) => response.writeHead(500).end());
    const id = await emitTo(receiver.origin);
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryFailed' });
    const early = () => new Date('2026-11-25T08:00:02.000Z');
    await expect(attemptDelivery(id, { clock: early })).rejects.toMatchObject({
      type: 'DeliveryNotDue',
      nonRetryable: false,
      nextRetryDelay: 3_000,
    });
    expect(receiver.received).toHaveLength(1);
    expect((await stored(id)).delivery).toMatchObject({ attempts: 1, inDoubt: 0 });
  });

  it('sends and counts nothing while the database is away', async () => {
    const id = await emitTo(receiver.origin);
    const mend = await breakTable('deliveries');
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DatabaseUnavailable' });
    await mend();
    expect(receiver.received).toEqual([]);
    expect((await stored(id)).delivery).toMatchObject({ state: 'pending', attempts: 0 });
  });

  it('keeps a request in doubt whose outcome was not recorded, and goes on where the schedule was', async () => {
    receiver.answer((response) => response.writeHead(500).end());
    const id = await emitTo(receiver.origin);
    const mend = await breakTable('attempts');
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DatabaseUnavailable' });
    await mend();
    const later = new Date('2026-11-25T08:00:10.000Z');
    await expect(attemptDelivery(id, { clock: () => later })).rejects.toMatchObject({
      type: 'DeliveryFailed',
      nextRetryDelay: 5_000,
    });
    expect(receiver.received).toHaveLength(2);
    const record = await stored(id);
    expect(record.delivery).toMatchObject({ attempts: 2, inDoubt: 1, attemptingSince: null });
    expect(record.attempts).toMatchObject([
      {
        number: 1,
        at: fixtureTime,
        durationMs: null,
        status: null,
        error: 'the outcome is unknown, because the worker or the database stopped before it was recorded',
      },
      { number: 2, at: later, durationMs: 0, status: 500, error: 'HTTP 500' },
    ]);
  });

  it('gives up once as many requests again are in doubt as the schedule has', async () => {
    const id = await emitTo(receiver.origin);
    await database.orm.update(deliveries).set({ attempts: 6, inDoubt: 5, attemptingSince: fixtureTime });
    await expect(attemptDelivery(id)).rejects.toMatchObject({ type: 'DeliveryExhausted', nonRetryable: true });
    expect(receiver.received).toEqual([]);
    expect((await stored(id)).delivery).toMatchObject({
      state: 'exhausted',
      lastError: '6 requests were sent, and the outcome of too many of them is unknown',
    });
  });

  it('fails on an unknown delivery and on an input of another shape', async () => {
    await expect(attemptDelivery('dlv_none')).rejects.toMatchObject({ type: 'DeliveryUnknown', nonRetryable: true });
    await expect(attemptDelivery(null as unknown as string)).rejects.toMatchObject({ type: 'InputInvalid' });
  });
});
