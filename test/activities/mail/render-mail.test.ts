import { describe, expect, it } from 'vitest';
import type { MailFormat } from '../../../activities/mail/format-values.ts';
import { noFacts } from '../../../language/event.ts';
import { placeholderProblems } from '../../../activities/mail/placeholders.ts';
import { type EventEnvelope, renderMail } from '../../../activities/mail/render-mail.ts';

const event: EventEnvelope = {
  id: 'evt_1',
  source: 'stripe',
  gateway: 'stripe',
  type: 'payment.succeeded',
  nativeType: 'payment_intent.succeeded',
  occurredAt: '2026-11-25T08:00:00.000Z',
  receivedAt: '2026-11-25T08:00:00.000Z',
  entity: 'pi_1',
  tenant: null,
  ...noFacts,
  payment: {
    id: 'pi_1',
    orderId: 'INV-9',
    amount: 2_500_000,
    requestedAmount: null,
    currency: 'IDR',
    status: 'succeeded',
    method: 'qris',
    customer: { id: null, email: 'ana@shop.example', name: null },
  },
};

const plain = { locale: null, timeZone: 'UTC' };
const render = (text: string, values = {}, envelope = event, format: MailFormat = plain) =>
  renderMail({ subject: 's', text }, { event: envelope, values, format }).text;

describe('a mail template', () => {
  it('inserts the event, the step’s values and the money', () => {
    expect(
      render('{{event.payment.orderId}} {{ values.points }} {{values.vip}} {{money}}', { points: 7, vip: true }),
    ).toBe('INV-9 7 true IDR 25,000.00');
  });

  it.each([
    [500, 'JPY', 'JPY 500'],
    [1_234_567, 'KWD', 'KWD 1,234.567'],
    [5, 'USD', 'USD 0.05'],
    [9_007_199_254_740_991, 'IDR', 'IDR 90,071,992,547,409.91'],
  ])('writes %i minor units of %s as %s', (amount, currency, money) => {
    expect(render('{{money}}', {}, { ...event, payment: { ...event.payment!, amount, currency } })).toBe(money);
  });

  it('inserts the fallback if there is no value', () => {
    expect(render('Hello {{event.payment.customer.name | friend}}!')).toBe('Hello friend!');
    expect(render('{{money|}}', {}, { ...event, payment: null })).toBe('');
  });

  it.each([
    'event.payment.customer.name',
    'values.missing',
    'event.payment',
    'values.constructor.name',
    'event.__proto__.x',
  ])('refuses {{%s}} for good and names it', (path) => {
    expect(() => render(`{{${path}}}`)).toThrow(
      expect.objectContaining({
        type: 'TemplateValueMissing',
        nonRetryable: true,
        message: expect.stringContaining(`{{${path}}}`) as string,
      }),
    );
  });

  it('does not interpret inserted text', () => {
    expect(render('{{values.name}} $& $1', { name: '{{event.id}}' })).toBe('{{event.id}} $& $1');
  });

  it.each([
    ['{{secret.x}}', '{{secret.x}} can never be filled.'],
    ['{{}}', '{{}} can never be filled.'],
    ['{{event..id}}', '{{event..id}} can never be filled.'],
    ['{{events.id}}', '{{events.id}} can never be filled.'],
    ['{{money event.payment.amount event.payment.currency event.id}}', expect.stringContaining('can never be filled.')],
    ['{{date}}', '{{date}} can never be filled.'],
    ['{{event.payment.id', '"{{" has no counterpart.'],
    ['event.payment.id}}', '"}}" has no counterpart.'],
    ['{{event.payment.amout}}', '"event.payment" has no "amout".'],
    ['{{money event.refund.amout | none}}', '"event.refund" has no "amout".'],
    ['{{event.data.id}}', 'A mail sees the event without its data.'],
  ])('finds the placeholder that can never be filled in %s', (text, message) => {
    expect(placeholderProblems(`Hello ${text}`)).toEqual([
      expect.objectContaining({ offset: expect.any(Number), message }),
    ]);
  });

  it.each([
    ['id-ID', 'IDR', 25_000_000, 'Rp 250.000'],
    ['id-ID', 'IDR', 25_000_050, 'Rp 250.000,50'],
    ['id-ID', 'USD', 1_050, 'US$10,50'],
    ['de-DE', 'EUR', 1_200, '12,00 €'],
    ['en-US', 'JPY', 500, '¥500'],
    ['en-US', 'KWD', 1_234_567, 'KWD 1,234.567'],
    ['id-ID', 'IDR', 9_007_199_254_740_991, 'Rp 90.071.992.547.409,91'],
    ['id-ID', 'IDR', -25_000_000, '-Rp 250.000'],
  ])('writes money as people in %s write %s, with plain spaces', (locale, currency, amount, money) => {
    const envelope = { ...event, payment: { ...event.payment!, amount, currency } };
    expect(render('{{money}}', {}, envelope, { locale, timeZone: 'UTC' })).toBe(money);
  });

  it('takes the currency beside an amount, else the one that is named, else the payment’s', () => {
    const refund = { id: 're_1', amount: 1_050, totalRefunded: null, full: null, currency: 'USD', reason: null };
    const values = { total: 100_000, fee: { amount: 50, currency: 'EUR' }, code: 'JPY' };
    const text =
      '{{money event.refund.amount}}; {{money values.total}}; {{money values.fee.amount}}; {{money values.total values.code}}';
    expect(render(text, values, { ...event, refund })).toBe('USD 10.50; IDR 1,000.00; EUR 0.50; JPY 100,000');
  });

  it.each([
    ['id-ID', 'Asia/Jakarta', '25 November 2026 pukul 15.00 WIB'],
    ['en-US', 'America/New_York', 'November 25, 2026 at 03:00 AM EST'],
    [null, 'UTC', '25 November 2026 at 08:00 UTC'],
  ])('writes a time for %s in %s', (locale, timeZone, time) => {
    expect(render('{{date event.occurredAt}}', {}, event, { locale, timeZone })).toBe(time);
  });

  it.each(['{{date event.payment.id}}', '{{date event.dispute.evidenceDueAt}}', '{{money event.payment.id}}'])(
    'refuses what is no time or amount: %s',
    (text) => {
      expect(() => render(text)).toThrow(expect.objectContaining({ type: 'TemplateValueMissing' }));
      expect(render(text.replace('}}', ' | none}}'))).toBe('none');
    },
  );

  it('prefers its own locale and time zone to those of the installation', () => {
    const template = {
      subject: '{{money}}',
      text: '{{date event.occurredAt}}',
      locale: 'id-ID',
      timeZone: 'Asia/Jakarta',
    };
    expect(renderMail(template, { event, values: {}, format: { locale: 'de-DE', timeZone: 'UTC' } })).toEqual({
      subject: 'Rp 25.000',
      text: '25 November 2026 pukul 15.00 WIB',
    });
  });
});
