import { describe, expect, it } from 'vitest';
import { noFacts } from '../../../language/event.ts';
import { placeholderProblem, type EventEnvelope, renderMail } from '../../../activities/mail/render-mail.ts';

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

const render = (text: string, values = {}, envelope = event) =>
  renderMail({ subject: 's', text }, { event: envelope, values }).text;

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

  it.each(['{{secret.x}}', '{{event.payment.id', 'event.payment.id}}', '{{}}', '{{event..id}}', '{{events.id}}'])(
    'finds the placeholder that can never be filled in %s',
    (text) => {
      expect(placeholderProblem(`Hello ${text}`)).toMatch(/does not begin with|without its counterpart/);
    },
  );
});
