import { expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('ipaymu');
const paid = { trx_id: '4719', reference_id: 'ORDER-1', status: 'berhasil', status_code: '1', amount: '100000' };

function read(changes: Record<string, string>): CanonicalEvent {
  const request = requestWith({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...paid, ...changes }).toString(),
  });
  return readInbound(preset, shop, request, new Date('2026-01-01T00:00:00Z'))[0]!.event;
}

it.each<[string, Record<string, string>]>([
  ['without is_refund', {}],
  ['with is_refund 0', { is_refund: '0' }],
  ['with is_refund false', { is_refund: 'false' }],
  ['with an empty is_refund', { is_refund: '' }],
  ['received', { transaction_status_code: '6' }],
  ['settled', { transaction_status_code: '1' }],
])('counts a payment once: %s', (_how, changes) => {
  expect(read(changes)).toMatchObject({ id: '4719:1', type: 'payment.succeeded', payment: { amount: 10_000_000 } });
});

it.each<[string, Record<string, string>]>([
  ['is_refund 1', { is_refund: '1' }],
  ['is_refund true', { is_refund: 'true' }],
  ['the transaction status 3', { is_refund: '0', transaction_status_code: '3' }],
])('takes %s for a refund, whose amount nobody tells', (_how, changes) => {
  expect(read(changes)).toMatchObject({
    id: '4719:refunded',
    type: 'payment.refunded',
    payment: { amount: 10_000_000 },
    refund: { id: null, amount: null, totalRefunded: null, full: null, currency: 'IDR' },
  });
});

it.each([
  ['true', false],
  ['false', true],
  ['', null],
])('reads is_sandbox %j as live %j', (is_sandbox, live) => {
  expect(read({ is_sandbox }).live).toBe(live);
});
