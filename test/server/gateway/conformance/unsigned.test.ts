import { describe, expect, it } from 'vitest';
import { shippedPresets } from '../gateways.ts';
import { pieceAt, selectorsOf, signatureSelectorOf, templatesOf } from './pieces.ts';
import { isAccepted, signedSamples } from './signed-samples.ts';

const presets = [...(await shippedPresets()).values()];
const samples = new Map((await signedSamples()).map((each) => [each.title, each]));

/** Forgeries that no verification can detect: the sample, the selector, the forged text, and the preset's warning. */
const forgeries: [sample: string, selector: string, forged: string, warning: string][] = [
  ['adyen/REFUND', 'item:/eventDate', '2030-01-01T00:00:00+01:00', 'eventDate'],
  ['adyen/AUTHORISATION', 'item:/paymentMethod', 'mc', 'paymentMethod'],
  ['basic_auth/order.paid', 'json:/type', 'order.refunded', 'the whole body'],
  ['doku_snap/va-payment', 'header:x-external-id', '1', 'X-EXTERNAL-ID'],
  ['duitku/failed', 'form:resultCode', '00', 'resultCode'],
  ['duitku/paid', 'form:reference', 'D0001OTHER', 'reference'],
  ['duitku_md5/failed', 'form:resultCode', '00', 'resultCode'],
  ['duitku_snap/va-payment', 'header:x-external-id', '1', 'X-EXTERNAL-ID'],
  ['flip/CANCELLED', 'json:/status', 'SUCCESSFUL', 'data'],
  ['flutterwave_v3/charge.completed.failed', 'json:/data/status', 'successful', 'the whole body'],
  ['github/ping', 'header:x-github-event', 'push', 'all headers'],
  ['ipaymu/expired', 'header:x-external-id', '1', 'all headers'],
  ['lemonsqueezy/order_created', 'header:x-event-name', 'order_refunded', 'x-event-name'],
  ['mercadopago/payment.created', 'json:/action', 'payment.updated', 'the whole body'],
  ['midtrans/expire', 'json:/transaction_status', 'settlement', 'transaction_status'],
  ['midtrans/settlement', 'json:/transaction_id', 'other', 'transaction_id'],
  ['midtrans_snap/va-payment', 'header:x-external-id', '1', 'X-EXTERNAL-ID'],
  ['payu_in/success', 'form:mihpayid', '1', 'mihpayid'],
  ['razorpay/payment.captured', 'header:x-razorpay-event-id', '1', 'x-razorpay-event-id'],
  ['shopify/orders.paid', 'header:x-shopify-topic', 'orders/create', 'all headers'],
  ['tripay/PAID', 'header:x-callback-event', 'other', 'X-Callback-Event'],
  ['wise/transfers.state-change', 'header:x-delivery-id', '1', 'all headers'],
  ['woocommerce/order.created', 'header:x-wc-webhook-topic', 'order.updated', 'all headers'],
  ['xendit/invoice.expired', 'json:/status', 'PAID', 'the whole body'],
];

describe.each(forgeries)('of %s, %s', (title, selector, forged, warning) => {
  it(`can be forged to ${forged} under a genuine signature, and the preset says so`, async () => {
    const sample = samples.get(title)!;
    const piece = pieceAt(sample, selector)!;

    expect(piece.text).not.toBe(forged);
    expect(await isAccepted(sample, piece.with(forged))).toBe(true);
    expect(sample.preset.declared.unsigned.join('; ')).toContain(warning);
  });
});

it.each(['duitku/paid', 'duitku_md5/paid'])('digits can move between amount and order of %s', async (title) => {
  const sample = samples.get(title)!;
  const { request } = pieceAt(sample, 'form:amount')!.with('15000');
  const moved = pieceAt({ ...sample, request }, 'form:merchantOrderId')!.with('0ORDER-1001');

  expect(await isAccepted(sample, moved)).toBe(true);
});

describe.each(presets.map((preset) => [preset.name, preset] as const))(
  'the preset %s',
  (_name, { declared: preset, needs }) => {
    const schemes = [...(preset.verify.any ?? []), ...(preset.verify.all ?? [])];
    const signed = schemes.flatMap((scheme) => [
      signatureSelectorOf(scheme) ?? '',
      ...templatesOf(scheme).flatMap(selectorsOf),
    ]);
    const warnings = preset.unsigned.join('; ').toLowerCase();

    it('warns of every unsigned header that an event is read from', () => {
      const { event, types, payments } = preset;
      const read = [...JSON.stringify({ event, types, payments }).matchAll(/\bheader:([\w-]+)/g)].map(
        ([, name]) => name!,
      );
      const covered = signed.map((selector) => selector.toLowerCase()).join(' ');
      const warned = (name: string) => ['all headers', 'the whole body', name].some((each) => warnings.includes(each));
      const silent = read.filter((name) => !covered.includes(name) && !warned(name));

      expect([...new Set(silent)]).toEqual([]);
    });

    it('warns if its signature does not cover the body', () => {
      const whole = signed.some(
        (selector) => /^(?:body\b|canonical:)/.test(selector) || selector === `form:${preset.body.field ?? ''}`,
      );

      expect(whole || warnings !== '' || needs === 'path-secret').toBe(true);
    });
  },
);

/** Gateways whose webhooks could be forged to say that something is paid, so Kait asks them. */
const asked = [
  'duitku',
  'duitku_md5',
  'flip',
  'flutterwave_v3',
  'ipaymu',
  'mercadopago',
  'midtrans',
  'mollie_classic',
  'payu_in',
  'xendit',
];

it.each(asked)('%s can be asked whether its webhook is true', (name) => {
  const { declared: preset } = presets.find((each) => each.name === name)!;

  expect(preset.confirm ?? preset.fetch).toBeDefined();
});
