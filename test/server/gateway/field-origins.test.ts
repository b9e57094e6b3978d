import { describe, expect, it } from 'vitest';
import { fieldOrigins } from '../../../server/gateway/field-origins.ts';
import { createRequestView } from '../../../server/gateway/request-view.ts';
import { findSample } from '../../../server/gateway/sample-files.ts';
import { samplesFolder, shippedPresets } from './gateways.ts';

async function originsOf(gateway: string, sample: string, canonicalType: string, index = 0) {
  const preset = (await shippedPresets()).get(gateway)!;
  const { headers, body } = await findSample(samplesFolder, gateway, sample);
  const view = createRequestView({ method: 'POST', url: '/', headers, body: Buffer.from(body) }, preset.body);
  const item = preset.items(view.body().document!)![index]!;
  const itemPointer = preset.batch ? preset.itemPointer(index) : '';
  const origins = fieldOrigins({ preset, view, item, itemPointer, canonicalType });
  return new Map(origins.map(({ field, ...origin }) => [field, origin]));
}

describe('the origins of fields', () => {
  it('are the selectors that counted, and their places in the data', async () => {
    const origins = await originsOf('stripe', 'payment_intent.succeeded', 'payment.succeeded');
    expect(origins.get('/payment/orderId')).toEqual({
      from: ['json:/data/object/metadata/order_id'],
      data: ['/data/object/metadata/order_id'],
    });
    expect(origins.get('/id')).toEqual({ from: ['json:/data/object/id'], data: ['/data/object/id'] });
    expect(origins.get('/occurredAt')).toEqual({ from: ['json:/created'], data: ['/created'] });
    expect(origins.get('/live')).toEqual({ from: ['json:/livemode'], data: ['/livemode'] });
  });

  it('leave out what the gateway does not tell', async () => {
    const origins = await originsOf('stripe', 'payment_intent.succeeded', 'payment.succeeded');
    expect([...origins.keys()].filter((field) => /refund|dispute|customer.name|tenant/.test(field))).toEqual([]);
  });

  it('are within the item of a batch', async () => {
    const origins = await originsOf('adyen', 'AUTHORISATION', 'payment.succeeded');
    expect(origins.get('/payment/id')?.data).toEqual(['/pspReference']);
  });

  it('are fields of a form', async () => {
    const origins = await originsOf('duitku_md5', 'paid', 'payment.succeeded');
    expect(origins.get('/payment/orderId')?.data).toEqual(['/merchantOrderId']);
  });
});
