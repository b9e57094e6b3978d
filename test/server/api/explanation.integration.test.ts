import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Definition } from '../../../language/definition.ts';
import { readEvents } from '../../../server/gateway/read-events.ts';
import { createRequestView } from '../../../server/gateway/request-view.ts';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { samplesFolder, shippedPreset, shippedPresets } from '../gateway/gateways.ts';
import { deleteEvents, insertEvent } from '../stored-events.ts';
import { openApi, problem } from './api-fixture.ts';

const definition = (name: string, on: Definition['on']) => ({
  ...{ definition: { name, on, steps: [] }, hash: `hash of ${name}`, file: `${name}.json`, children: {} },
});
const over = (amount: number) => ({ '>': [{ var: 'event.payment.amount' }, amount] });

let database: Database;
let bytes: Buffer;
beforeAll(async () => {
  database = await openTestDatabase();
  bytes = await readFile(join(samplesFolder, 'stripe', 'payment_intent.succeeded.json'));
});
afterAll(() => database.close());
beforeEach(() => deleteEvents(database));

/** Stores the sample as the receiver would, with another body if there is one. */
async function store(eventId: string, body: Buffer | null = bytes, gateway = 'stripe'): Promise<void> {
  const preset = await shippedPreset('stripe');
  const headers = { 'content-type': 'application/json' };
  const view = createRequestView({ method: 'POST', url: '/', headers, body: bytes }, preset.body);
  const [read] = readEvents(preset, 'stripe', view, new Date('2026-01-01T00:00:00Z'));
  const { event } = read!;
  const { type, nativeType, occurredAt, entity, tenant, live, payment } = event;
  const envelope = { type, nativeType, occurredAt, entity, tenant, live, payment };
  await insertEvent(database, { eventId, body, gateway, envelope, entity });
}

const explain = async (eventId: string, source = 'stripe') =>
  openApi({
    database,
    presets: await shippedPresets(),
    served: {
      definitions: [
        definition('large', { event: 'payment.succeeded', if: over(1_000_000) }),
        definition('huge', { event: 'payment.succeeded', if: over(1_000_000_000) }),
        definition('refund', { event: 'payment.refunded' }),
        definition('elsewhere', { event: 'payment.succeeded', source: 'xendit' }),
        definition('broken', { event: 'payment.succeeded', if: { '>': [{ var: 'event.data.livemode' }, 1] } }),
      ],
      ...{ awaited: [], faulty: [] },
    },
  })({ url: `/api/v1/events/${source}/${encodeURIComponent(eventId)}/explanation` });

it('says how an event was verified, where its fields stand, and why each definition has reacted or not', async () => {
  await store('pi/1:succeeded');
  expect(await explain('pi/1:succeeded')).toMatchObject({
    status: 200,
    body: {
      verification: { mode: 'any', schemes: [{ scheme: 'hmac', algorithm: 'sha256' }] },
      origins: expect.arrayContaining([
        {
          field: '/payment/amount',
          from: ['json:/data/object/amount_received'],
          data: ['/data/object/amount_received'],
        },
        expect.objectContaining({ field: '/payment/currency', data: ['/data/object/currency'] }),
      ]),
      triggers: [
        { definition: 'large', triggered: true, by: 'if', because: expect.stringContaining('event.payment.amount') },
        { definition: 'huge', triggered: false, by: 'if', because: expect.stringContaining('1000000000') },
        { definition: 'refund', triggered: false, by: 'type', because: null },
        { definition: 'elsewhere', triggered: false, by: 'source', because: null },
        { definition: 'broken', triggered: false, by: 'if', error: expect.stringContaining('got a boolean') },
      ],
    },
  });
});

it('knows what stands in the envelope when the body is gone', async () => {
  await store('pi_2', null);
  const { status, body } = await explain('pi_2');
  expect(status).toBe(200);
  expect(body).toMatchObject({ origins: [], triggers: [{ definition: 'large', triggered: true }, {}, {}, {}, {}] });
});

it.each([
  ['no JSON', Buffer.from('{"id": <img src=x onerror=alert(1)>')],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0, 0xd8])],
  ['nothing', Buffer.alloc(0)],
  ['another shape', Buffer.from('[[[null]]]')],
  ['the members of every object', Buffer.from('{"__proto__": {"id": 1}, "constructor": 2}')],
  ['a megabyte of brackets', Buffer.from('['.repeat(1_000_000))],
])('answers for a body of %s', async (_what, body) => {
  await store('pi_3', body);
  expect(await explain('pi_3')).toMatchObject({ status: 200, body: { triggers: [{}, {}, {}, {}, {}] } });
});

it('tells no verification of a gateway whose preset is gone', async () => {
  await store('pi_4', bytes, 'former');
  expect(await explain('pi_4')).toMatchObject({ status: 200, body: { verification: null, origins: [] } });
});

it.each([
  ['stripe', 'pi_5'],
  ['other', 'pi_1'],
  ['__proto__', 'constructor'],
])('knows no event of %s with the id %s', async (source, eventId) => {
  await store('pi_1');
  expect(await explain(eventId, source)).toEqual({
    status: 404,
    body: problem(404, 'not-found', 'There is no such event.'),
  });
});
