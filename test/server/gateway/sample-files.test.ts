import { describe, expect, it } from 'vitest';
import { findSample, listSamples } from '../../../server/gateway/sample-files.ts';
import { samplesFolder } from './gateways.ts';

describe('samples', () => {
  it('are listed by gateway', async () => {
    expect(await listSamples(samplesFolder, 'stripe')).toEqual([
      'charge.refunded',
      'checkout.session.completed',
      'payment_intent.payment_failed',
      'payment_intent.succeeded',
    ]);
    expect(await listSamples(samplesFolder, 'acme')).toEqual([]);
  });

  it('are found whatever the letter case', async () => {
    const sample = await findSample(samplesFolder, 'xendit', 'INVOICE.paid');

    expect(sample.headers).toEqual({ 'content-type': 'application/json' });
    expect(JSON.parse(sample.body)).toMatchObject({ status: 'PAID', external_id: 'ORDER-1001' });
  });

  it.each([
    [
      'stripe',
      'payment_intent.suceeded',
      'There is no sample "payment_intent.suceeded" of stripe. Did you mean "payment_intent.succeeded"?',
    ],
    [
      'midtrans',
      'nothing',
      'There is no sample "nothing" of midtrans. There are card.capture, expire, qris.settlement, settlement.',
    ],
    ['strpe', 'x', 'There are no samples of "strpe". Did you mean "stripe"?'],
    ['acme', 'x', 'There are no samples of "acme". There are midtrans, stripe, xendit.'],
    ['..', 'stripe', 'There are no samples of "..". There are midtrans, stripe, xendit.'],
    [
      'stripe',
      '../midtrans/expire',
      'There is no sample "../midtrans/expire" of stripe. There are charge.refunded, checkout.session.completed, payment_intent.payment_failed, payment_intent.succeeded.',
    ],
  ])('of %s named %s do not exist', async (gateway, name, message) => {
    await expect(findSample(samplesFolder, gateway, name)).rejects.toMatchObject({
      code: 'KAIT_SAMPLE_UNKNOWN',
      message,
    });
  });
});
