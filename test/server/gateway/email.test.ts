import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineActivities } from '../../../activities/engine-activities.ts';
import { usableEmail } from '../../../server/gateway/email.ts';
import { readInbound, requestWith, shippedPreset, shop } from './gateways.ts';

/** Whether the step accepts the recipient. */
const isSent = (to: string) => engineActivities['mail.send'].input.safeParse({ to, template: 'receipt' }).success;

describe('a customer’s e-mail address', () => {
  it.each([
    ['sari@shop.example', 'sari@shop.example'],
    [' sari@shop.example\n', 'sari@shop.example'],
    ['\u00a0Sari.Dewi+kopi@Shop.Example', 'Sari.Dewi+kopi@Shop.Example'],
    ['sari@bücher.example', 'sari@xn--bcher-kva.example'],
    ['sari@例え.jp', 'sari@xn--r8jz45g.jp'],
    [`${'x'.repeat(64)}@shop.example`, `${'x'.repeat(64)}@shop.example`],
  ])('%j is usable as %s', (text, address) => {
    expect(usableEmail(text)).toBe(address);
    expect(isSent(address)).toBe(true);
  });

  it.each([
    'N/A',
    '',
    '@',
    'sari',
    'a@b.example, c@d.example',
    'a@b.example;c@d.example',
    'Sari <sari@shop.example>',
    'mailto:sari@shop.example',
    '"sari dewi"@shop.example',
    'sari@shop.example.',
    'sari@localhost',
    'sari@127.0.0.1',
    'sari@[127.0.0.1]',
    'sari@shop..example',
    'sari@-shop.example',
    'sari@exa%6dple.com',
    'sari@b%75cher\u00fc.example',
    'sari@shop.example\r\nBcc: x@y.example',
    'sa ri@shop.example',
    'sari@sh\u0000op.example',
    's\u00e4ri@shop.example',
    'sari@shop\u200b.example',
    `${'x'.repeat(65)}@shop.example`,
    `sari@${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}.${'w'.repeat(60)}.example`,
  ])('%j is not usable', (text) => {
    expect(usableEmail(text)).toBeNull();
    expect(isSent(text)).toBe(false);
  });

  it('is one that mail.send accepts, or null, whatever was typed, and reading it again changes nothing', () => {
    const typed = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.emailAddress(),
      fc.tuple(fc.string(), fc.string({ unit: 'grapheme' })).map(([local, host]) => `${local}@${host}.example`),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const address = usableEmail(text);
        expect(address === null || (isSent(address) && usableEmail(address) === address)).toBe(true);
      }),
    );
  });

  it('is null in the event if the customer typed a placeholder', async () => {
    const body = JSON.stringify({
      ...{ id: 'evt_c9_1', object: 'event', created: 1_764_000_000, livemode: true },
      type: 'payment_intent.succeeded',
      data: {
        object: {
          ...{ id: 'pi_c9_1', object: 'payment_intent', amount: 2_000_000, amount_received: 2_000_000 },
          ...{ currency: 'idr', customer: null, receipt_email: 'N/A', status: 'succeeded' },
          ...{ metadata: { order_id: 'C9-1' }, payment_method_types: ['card'] },
        },
      },
    });
    const [read] = readInbound(await shippedPreset('stripe'), shop, requestWith({ body }), new Date());
    expect(read?.event).toMatchObject({
      type: 'payment.succeeded',
      payment: { orderId: 'C9-1', customer: { email: null } },
    });
  });
});
