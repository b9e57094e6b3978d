import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('doku');

function idOf(transaction: object, requestId: string): string {
  const request = requestWith({
    headers: { 'content-type': 'application/json', 'request-id': requestId },
    body: JSON.stringify({ order: { invoice_number: 'ORDER-1', amount: 150_000 }, transaction }),
  });
  return readInbound(preset, shop, request, new Date('2026-01-01T00:00:00Z'))[0]!.event.id;
}

const paid = { status: 'SUCCESS', date: '2026-01-01T00:00:00Z', original_request_id: 'R1' };

it('is one event if DOKU sends a notification again under another request id', () => {
  expect(idOf(paid, 'N1')).toBe('ORDER-1:R1:SUCCESS:2026-01-01T00%3A00%3A00Z');
  expect(idOf(paid, 'N2')).toBe(idOf(paid, 'N1'));
});

it('tells the payments of a reusable virtual account apart', () => {
  expect(idOf({ ...paid, date: '2026-01-02T00:00:00Z' }, 'N1')).not.toBe(idOf(paid, 'N1'));
});
