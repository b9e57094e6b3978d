import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { nowMs, readInbound, requestWith, secretsOnly, shippedPreset, shop, verifyInbound } from './gateways.ts';

/* The two brands of headers that senders on Svix use. */

const svix = await shippedPreset('svix');
const body = '{"type":"invoice.paid","data":{"id":"in_1"}}';
const time = String(nowMs / 1000);
const key = Buffer.from('0123456789abcdef0123456789abcdef');

function headersOf(brand: 'svix' | 'webhook', id: string): Record<string, string> {
  const digest = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
  return { [`${brand}-id`]: id, [`${brand}-timestamp`]: time, [`${brand}-signature`]: `v1,${digest}` };
}

function verificationOf(headers: Record<string, string>) {
  return verifyInbound(svix, requestWith({ headers, body }), secretsOnly(`whsec_${key.toString('base64')}`), nowMs);
}

it.each(['svix', 'webhook'] as const)('is accepted with the headers %s-*, whose id is the event’s', async (brand) => {
  const headers = headersOf(brand, 'msg_1');

  expect(await verificationOf(headers)).toEqual({ ok: true });
  expect(readInbound(svix, shop, requestWith({ headers, body }), new Date(nowMs))[0]?.event.id).toBe('msg_1');
});

it('is accepted with both brands that say the same', async () => {
  expect(await verificationOf({ ...headersOf('svix', 'msg_1'), ...headersOf('webhook', 'msg_1') })).toEqual({
    ok: true,
  });
});

const signedBySvix = headersOf('svix', 'msg_1');
const signedByWebhook = headersOf('webhook', 'msg_1');

it.each([
  ['an unsigned svix-id beside signed webhook-*', { ...signedByWebhook, 'svix-id': 'msg_2' }],
  ['an unsigned webhook-id beside signed svix-*', { ...signedBySvix, 'webhook-id': 'msg_2' }],
  ['two signed ids', { ...signedBySvix, ...headersOf('webhook', 'msg_2') }],
  [
    'the id of one brand and the signature of the other',
    {
      'svix-id': 'msg_1',
      'webhook-timestamp': time,
      'webhook-signature': signedByWebhook['webhook-signature']!,
    },
  ],
])('is rejected with %s', async (_what, headers) => {
  expect(await verificationOf(headers)).toEqual({ ok: false, reason: 'ambiguous' });
});
