import { fileURLToPath } from 'node:url';
import { assignAt } from '../../cli/samples.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import type { OutboundDraft } from '../../server/gateway/outbound-draft.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import { signRequest } from '../../server/gateway/verify.ts';
import type { SentEvent } from './facts.ts';

/** A request for an event, signed anew each time, as Stripe does with its retries. */
export type SignEvent = (event: SentEvent) => Promise<OutboundDraft>;

const gateways = fileURLToPath(new URL('../../definitions/gateways', import.meta.url));

/** Signs with the shipped preset, over the shipped sample with the event's own ids and amount. */
export async function createSignEvent(deps: { secret: string; now: () => number }): Promise<SignEvent> {
  const preset = (await loadPresets(gateways)).get('stripe');
  if (preset === undefined) throw new Error('The Stripe preset is missing');
  const sample = await findSample(`${gateways}/samples`, 'stripe', 'payment_intent.succeeded');
  const document: unknown = JSON.parse(sample.body);
  const key = { secret: deps.secret, settings: {} };
  return (event) => signRequest(preset, { ...sample, body: bodyOf(document, event) }, key, deps.now());
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
