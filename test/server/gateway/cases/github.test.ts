import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const github = await shippedPreset('github');
const receivedAt = new Date('2026-01-01T00:00:00Z');

it('knows an event by its body, under any delivery id and in any spelling', () => {
  const event = { action: 'created', sponsorship: { node_id: 'S_1', tier: { monthly_price_in_cents: 500 } } };
  const told = (body: string, delivery: string, type = 'application/json') => {
    const headers = { 'content-type': type, 'x-github-event': 'sponsorship', 'x-github-delivery': delivery };
    return readInbound(github, shop, requestWith({ headers, body }), receivedAt)[0]!.event;
  };
  const form = new URLSearchParams({ payload: JSON.stringify(event) }).toString();
  const first = told(JSON.stringify(event), 'delivery-1');

  expect(first).toMatchObject({ type: 'subscription.created', subscription: { id: 'S_1', amount: 500 } });
  expect(told(JSON.stringify(event), 'delivery-2').id).toBe(first.id);
  expect(told(JSON.stringify(event, null, 2), 'delivery-1').id).toBe(first.id);
  expect(told(form, 'delivery-1', 'application/x-www-form-urlencoded').id).toBe(first.id);
});
