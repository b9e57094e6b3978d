import { randomBytes } from 'node:crypto';
import type { MountedGateways } from '../compose/mount-gateways.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import { signRequest } from '../../server/gateway/verify.ts';
import { assignAt } from '../samples.ts';

/** The HTTP statuses of the answers. */
export interface DemoAnswers {
  /** Five copies in parallel. */
  stripe: number[];
  forged: number;
  midtrans: number;
  xendit: number;
}

/** A signed request, ready to be posted. */
export interface DemoRequest {
  source: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface DemoRequests {
  stripe: DemoRequest;
  /** The Stripe request with another amount under the same signature. */
  forged: DemoRequest;
  midtrans: DemoRequest;
  xendit: DemoRequest;
}

/** Signs samples with new ids, because events of an earlier demo would be duplicates. */
export async function makeDemoRequests(
  gateways: MountedGateways,
  samples: readonly string[],
  nowMs: number,
): Promise<DemoRequests> {
  const mark = randomBytes(4).toString('hex');
  const order = `ORDER-${mark}`;
  const stripe = await signedSample(gateways, samples, nowMs, ['stripe', 'payment_intent.succeeded'], {
    id: `evt_demo_${mark}`,
    'data.object.id': `pi_demo_${mark}`,
    'data.object.metadata.order_id': order,
  });
  const forged = {
    ...stripe,
    body: Buffer.from(stripe.body.toString().replace('"amount": 2500000', '"amount": 9900000')),
  };
  const midtrans = await signedSample(gateways, samples, nowMs, ['midtrans', 'settlement'], {
    transaction_id: `demo-${mark}`,
    order_id: `${order}-M`,
  });
  const xendit = await signedSample(gateways, samples, nowMs, ['xendit', 'invoice.paid'], {
    id: `demo-${mark}`,
    external_id: `${order}-X`,
  });
  return { stripe, forged, midtrans, xendit };
}

async function signedSample(
  gateways: MountedGateways,
  samples: readonly string[],
  nowMs: number,
  [source, type]: [source: string, type: string],
  changes: Record<string, string>,
): Promise<DemoRequest> {
  const preset = gateways.sources.find(source)?.preset;
  if (preset === undefined) throw new Error(`The demo needs a source "${source}" in definitions/sources.json.`);
  const sample = await findSample(samples, preset.name, type);
  const unsigned = { ...sample, body: changed(sample.body, changes) };
  const key = { secret: secretOf(gateways, source), settings: {} };
  const signed = await signRequest(preset, unsigned, key, nowMs);
  return { source, headers: signed.headers, body: signed.body };
}

function changed(body: string, changes: Record<string, string>): string {
  const document = Object.entries(changes).reduce<unknown>(
    (present, [path, value]) => assignAt(present, path.split('.'), value),
    JSON.parse(body),
  );
  return JSON.stringify(document, null, 2);
}

function secretOf(gateways: MountedGateways, source: string): string {
  const secret = gateways.sources.find(source)?.credentials.secrets[0];
  if (secret === undefined) throw new Error(`The demo needs a source "${source}" in definitions/sources.json.`);
  return secret;
}

/** Posts everything at once, the Stripe event five times. */
export async function postDemo(receiverUrl: string, requests: DemoRequests): Promise<DemoAnswers> {
  const post = async ({ source, headers, body }: DemoRequest) => {
    const init = { method: 'POST', headers, body: new Uint8Array(body), signal: AbortSignal.timeout(15_000) };
    const response = await fetch(`${receiverUrl}/in/${source}`, init);
    await response.arrayBuffer();
    return response.status;
  };
  const [stripe, forged, midtrans, xendit] = await Promise.all([
    Promise.all(Array.from({ length: 5 }, () => post(requests.stripe))),
    post(requests.forged),
    post(requests.midtrans),
    post(requests.xendit),
  ]);
  return { stripe, forged, midtrans, xendit };
}
