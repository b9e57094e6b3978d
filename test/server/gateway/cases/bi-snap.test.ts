import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import type { JsonObject } from '../../../../language/json.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

describe.each(['midtrans_snap', 'doku_snap', 'duitku_snap'])('%s', (name) => {
  async function read(body: JsonObject, headers: Record<string, string> = {}): Promise<CanonicalEvent> {
    const request = requestWith({
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return readInbound(await shippedPreset(name), shop, request, new Date('2026-01-01T00:00:00Z'))[0]!.event;
  }
  const debit = (latestTransactionStatus: string, additionalInfo: JsonObject = {}) => ({
    ...{ originalReferenceNo: 'A1', originalPartnerReferenceNo: 'ORDER-1', latestTransactionStatus, additionalInfo },
    amount: { value: '250000.00', currency: 'IDR' },
  });
  const refund = (refundNo: string, value: string, refundStatus = '00') => ({
    ...{ refundNo, refundStatus, refundAmount: { value, currency: 'IDR' }, reason: 'x' },
  });

  it.each([
    ['00', 'payment.succeeded', { amount: 25_000_000, requestedAmount: null }],
    ['03', 'payment.pending', { amount: null, requestedAmount: 25_000_000 }],
    ['05', 'payment.canceled', { amount: null, requestedAmount: 25_000_000 }],
    ['06', 'payment.failed', { amount: null, requestedAmount: 25_000_000 }],
    ['08', 'payment.expired', { amount: null, requestedAmount: 25_000_000 }],
    ['09', 'payment.failed', { amount: null, requestedAmount: 25_000_000 }],
  ])('reads the state %s as %s', async (state, type, payment) => {
    expect(await read(debit(state))).toMatchObject({ id: `A1:${state}`, type, payment });
  });

  it('gives each refund its own id and amount', async () => {
    const first = await read(debit('04', { refundHistory: [refund('R1', '50000.00')] }));
    const second = await read(debit('04', { refundHistory: [refund('R1', '50000.00'), refund('R2', '1000.00')] }));

    expect(first).toMatchObject({ id: 'A1:04:R1', type: 'payment.refunded', refund: { id: 'R1', amount: 5_000_000 } });
    expect(second).toMatchObject({ id: 'A1:04:R2', refund: { id: 'R2', amount: 100_000, totalRefunded: null } });
    expect((await read(debit('04'))).id).toBe('A1:04');
  });

  it('takes a refund that failed for none', async () => {
    const failed = await read(debit('04', { refundHistory: [refund('R1', '50000.00', '06')] }));

    expect(failed).toMatchObject({ id: 'A1:refund-failed:R1', type: `${name}:refund-failed`, refund: null });
  });

  it('tells the payments to one virtual account apart, whatever the external id', async () => {
    const account = {
      virtualAccountNo: '  88899',
      trxId: 'ORDER-2',
      paidAmount: { value: '1000.00', currency: 'IDR' },
    };
    const paid = (paymentRequestId: string, externalId: string) =>
      read({ ...account, paymentRequestId }, { 'x-external-id': externalId });

    expect(await paid('P1', '1')).toMatchObject({ id: 'P1:succeeded', type: 'payment.succeeded' });
    expect((await paid('P1', '2')).id).toBe('P1:succeeded');
    expect((await paid('P2', '1')).id).toBe('P2:succeeded');
  });

  it('does not take an expired virtual account for a payment', async () => {
    const account = { virtualAccountNo: '  88899', trxId: 'ORDER-2', additionalInfo: { paymentFlagStatus: '08' } };
    const paidAmount = { value: '1000.00', currency: 'IDR' };

    expect(await read(account)).toMatchObject({ id: 'ORDER-2:08', type: 'payment.expired' });
    expect(await read({ ...account, paidAmount, paymentRequestId: 'P1' })).toMatchObject({ type: 'payment.expired' });
  });
});
