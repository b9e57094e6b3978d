import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import { signRequest } from '../../../../server/gateway/verify.ts';
import { nowMs, readInbound, requestWith, secretsOnly, shippedPreset, shop, verifyInbound } from '../gateways.ts';

const preset = await shippedPreset('adyen');
const key = preset.declared.sampleSecret!;
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

function eventOf(item: object, live = 'true'): CanonicalEvent {
  const usual = { pspReference: 'P1', success: 'true', amount: { value: 2495, currency: 'EUR' } };
  const body = JSON.stringify({ live, notificationItems: [{ NotificationRequestItem: { ...usual, ...item } }] });
  return readInbound(preset, shop, requestWith({ headers: json, body }), new Date(nowMs))[0]!.event;
}

describe('a form', () => {
  const fields = {
    ...{ live: 'true', eventCode: 'AUTHORISATION', pspReference: 'P1', success: 'true', merchantReference: 'A-1' },
    ...{
      value: '2495',
      currency: 'EUR',
      'additionalData.hmacSignature': '',
      'additionalData.shopperEmail': 'sari@example.id',
    },
  };
  const signed = async () => {
    const sample = { headers: form, body: new URLSearchParams(fields).toString(), url: '/in/adyen' };
    const { body } = await signRequest(preset, sample, { secret: key, settings: {} }, nowMs);
    return body.toString();
  };
  const verify = (body: string, headers: Record<string, string> = form) =>
    verifyInbound(preset, requestWith({ headers, body }), secretsOnly(key), nowMs);

  it('is accepted with the signature of its fields, and read like JSON', async () => {
    const body = await signed();
    expect(await verify(body)).toEqual({ ok: true });
    expect(readInbound(preset, shop, requestWith({ headers: form, body }), new Date(nowMs))).toMatchObject([
      {
        unreadable: null,
        event: {
          id: 'P1:AUTHORISATION:true',
          type: 'payment.succeeded',
          live: true,
          payment: { id: 'P1', orderId: 'A-1', amount: 2495, currency: 'EUR', customer: { email: 'sari@example.id' } },
        },
      },
    ]);
  });

  it.each(['value', 'currency', 'pspReference', 'merchantReference', 'eventCode', 'success'])(
    'is rejected with another %s',
    async (name) => {
      const changed = new URLSearchParams(await signed());
      changed.set(name, '999');
      expect(await verify(changed.toString())).toEqual({ ok: false, reason: 'wrong-signature' });
    },
  );

  it('lends its signature to no JSON, whose amount it would not cover', async () => {
    const { value, currency, ...rest } = Object.fromEntries(new URLSearchParams(await signed()));
    const item = { ...rest, value, currency, amount: { value: 999_999, currency } };
    const body = JSON.stringify({ live: 'true', notificationItems: [{ NotificationRequestItem: item }] });
    expect(await verify(body, json)).toEqual({ ok: false, reason: 'missing-signature' });
    expect(await verify(body, form)).toEqual({ ok: false, reason: 'missing-signature' });
  });
});

describe('the account', () => {
  it.each([
    ['true', true],
    ['false', false],
    ['', null],
  ])('with live %j is live: %s', (live, expected) => {
    expect(eventOf({ eventCode: 'AUTHORISATION' }, live).live).toBe(expected);
  });
});

describe('refunds', () => {
  it('of one payment are facts of their own, and do not say what the payment was', () => {
    const refunds = [
      { eventCode: 'REFUND', originalReference: 'P1', pspReference: 'R1', amount: { value: 595, currency: 'EUR' } },
      { eventCode: 'REFUND', originalReference: 'P1', pspReference: 'R2', amount: { value: 405, currency: 'EUR' } },
    ].map((item) => eventOf(item));
    expect(
      refunds.map(({ id, payment, refund }) => [id, payment?.id, payment?.amount, refund?.amount, refund?.full]),
    ).toEqual([
      ['R1:REFUND:true', 'P1', null, 595, null],
      ['R2:REFUND:true', 'P1', null, 405, null],
    ]);
  });

  it.each(['REFUND_FAILED', 'REFUNDED_REVERSED'])('are not repeated by %s', (eventCode) => {
    expect(eventOf({ eventCode, originalReference: 'P1', pspReference: 'R1' })).toMatchObject({
      type: `adyen:${eventCode}`,
      refund: { id: 'R1', amount: 2495 },
    });
  });
});

describe('a dispute', () => {
  it.each([
    ['NOTIFICATION_OF_CHARGEBACK', 'D1:disputed', 'payment.disputed', 'open'],
    ['CHARGEBACK', 'D1:disputed', 'payment.disputed', 'open'],
    ['CHARGEBACK_REVERSED', 'D1:CHARGEBACK_REVERSED:true', 'adyen:CHARGEBACK_REVERSED', 'won'],
    ['SECOND_CHARGEBACK', 'D1:SECOND_CHARGEBACK:true', 'adyen:SECOND_CHARGEBACK', 'lost'],
    ['PREARBITRATION_LOST', 'D1:PREARBITRATION_LOST:true', 'adyen:PREARBITRATION_LOST', 'lost'],
    ['REQUEST_FOR_INFORMATION', 'D1:REQUEST_FOR_INFORMATION:true', 'adyen:REQUEST_FOR_INFORMATION', 'open'],
  ])('told by %s has the id %s', (eventCode, id, type, status) => {
    const additionalData = { defensePeriodEndsAt: '2026-02-01T10:00:00+01:00' };
    expect(eventOf({ eventCode, originalReference: 'P1', pspReference: 'D1', additionalData })).toMatchObject({
      id,
      type,
      payment: { id: 'P1', amount: null },
      dispute: { id: 'D1', amount: 2495, currency: 'EUR', status, evidenceDueAt: '2026-02-01T09:00:00.000Z' },
    });
  });
});

describe('amounts', () => {
  it.each([
    ['IDR', 25_000, 2_500_000],
    ['ISK', 100, 1],
    ['CLP', 10_000, 100],
    ['JPY', 500, 500],
    ['KWD', 1_500, 1_500],
  ])('in %s are read with the digits of Adyen', (currency, value, amount) => {
    expect(eventOf({ eventCode: 'AUTHORISATION', amount: { value, currency } }).payment?.amount).toBe(amount);
  });

  it('of 0 are no payment: card details were checked', () => {
    expect(eventOf({ eventCode: 'AUTHORISATION', amount: { value: 0, currency: 'EUR' } }).type).toBe(
      'adyen:AUTHORISATION',
    );
  });

  it('of a refused authorisation were asked for, not paid', () => {
    expect(eventOf({ eventCode: 'AUTHORISATION', success: 'false' })).toMatchObject({
      type: 'payment.failed',
      payment: { amount: null, requestedAmount: 2495 },
    });
  });

  it('of captures are parts of the payment, and no second one', () => {
    const captures = ['C1', 'C2'].map((pspReference) =>
      eventOf({
        eventCode: 'CAPTURE',
        originalReference: 'P1',
        pspReference,
        amount: { value: 1000, currency: 'EUR' },
      }),
    );
    expect(captures.map(({ id, type, payment }) => [id, type, payment?.id, payment?.amount])).toEqual([
      ['C1:CAPTURE:true', 'adyen:CAPTURE', 'P1', 1000],
      ['C2:CAPTURE:true', 'adyen:CAPTURE', 'P1', 1000],
    ]);
  });
});
