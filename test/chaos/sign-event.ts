import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { assignAt } from '../../cli/samples.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import type { OutboundDraft } from '../../server/gateway/outbound-draft.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import { signRequest } from '../../server/gateway/verify.ts';
import type { EventKind, SentEvent } from './facts.ts';
import { reportsPassword, shopSecret, stripeSecret } from './system.ts';

/** A request for an event, signed anew each time, as gateways do with their retries. */
export type SignEvent = (event: SentEvent) => Promise<Pick<OutboundDraft, 'headers' | 'body'>>;

/** The name of the mounted source: see `definitions/sources.json`. */
export function sourceOf({ kind }: Pick<SentEvent, 'kind'>): string {
  if (kind === 'poison') return 'reports';
  return kind === 'order' ? 'stripe' : 'shop';
}

const gateways = fileURLToPath(new URL('../../definitions/gateways', import.meta.url));

/** Signs an order with the shipped preset, over the shipped sample with the event's own ids and amount, and others as Standard Webhooks. */
export async function createSignEvent(deps: { now: () => number }): Promise<SignEvent> {
  const preset = (await loadPresets(gateways)).get('stripe');
  if (preset === undefined) throw new Error('The Stripe preset is missing');
  const sample = await findSample(`${gateways}/samples`, 'stripe', 'payment_intent.succeeded');
  const document: unknown = JSON.parse(sample.body);
  const key = { secret: stripeSecret, settings: {} };
  return async (event) => {
    if (event.kind === 'poison') return poisonEvent(event);
    if (event.kind !== 'order') return signShopEvent(event.kind, event, deps.now());
    return signRequest(preset, { ...sample, body: bodyOf(document, event) }, key, deps.now());
  };
}

/** One event in so many has a note that makes it too large for Temporal. Its run must not need it. */
const largeEvery = 20;
const note = 'x'.repeat(1_500_000);

function bodyOf(document: unknown, { id, reference, recipient, amountMinor }: SentEvent): string {
  const changes: [path: string, value: unknown][] = [
    ['id', id.replace('pi', 'evt')],
    ['data.object.id', id.replace(':succeeded', '')],
    ['data.object.amount', amountMinor],
    ['data.object.amount_received', amountMinor],
    ['data.object.metadata.order_id', reference],
    ['data.object.receipt_email', recipient],
    ...(amountMinor % largeEvery === 0 ? [['data.object.description', note] as [string, unknown]] : []),
  ];
  return JSON.stringify(
    changes.reduce((changed, [path, value]) => assignAt(changed, path.split('.'), value), document),
  );
}

type ShopKind = Exclude<EventKind, 'order' | 'poison'>;

const shopTypes: Record<ShopKind, string> = {
  late: 'stock.held',
  fails: 'stock.held',
  holds: 'stock.held',
  parcels: 'parcels.ordered',
  awaits: 'goods.ordered',
  pays: 'goods.paid',
  counts: 'stock.counted',
  stuck: 'stock.counted',
  asks: 'goods.questioned',
  mends: 'stock.mended',
  rescued: 'order.rescued',
  moves: 'stock.moved',
};

function signShopEvent(kind: ShopKind, { id, reference, shelf }: SentEvent, nowMs: number) {
  const body = JSON.stringify({ type: shopTypes[kind], data: { reference, shelf, plan: kind } });
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(nowMs / 1_000)),
    'webhook-signature': new Webhook(shopSecret).sign(id, new Date(nowMs), body),
  };
  return { headers, body: Buffer.from(body) };
}

/** JSON makes six bytes of each, and so more than the input of a run may take. `archive-report` reads all of it. */
const poison = '\x01'.repeat(4_400_000);

function poisonEvent({ id, reference }: SentEvent) {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'webhook-id': id,
    authorization: `Basic ${Buffer.from(reportsPassword).toString('base64')}`,
  };
  return { headers, body: Buffer.from(`type=report.sent&reference=${reference}&text=${poison}`) };
}
