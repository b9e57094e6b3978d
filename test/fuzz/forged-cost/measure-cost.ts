import { createHmac } from 'node:crypto';
import { createRequestView, type InboundRequest } from '../../../server/gateway/request-view.ts';
import { verifyRequest } from '../../../server/gateway/verify.ts';
import type { SignedSample } from '../../server/gateway/conformance/signed-samples.ts';
import { nowMs } from '../../server/gateway/gateways.ts';
import { forgeriesOf, otherCredentials } from './forgeries.ts';

/** What the forgeries of one preset and scheme have cost, in milliseconds of CPU. */
export interface Cost {
  title: string;
  /** Over all requests, with whatever else the machine was doing. */
  p50: number;
  p99: number;
  max: number;
  /**
   * The 99th percentile of the forgeries' medians: what the work takes. A forgery is sent several times, far apart, because a busy
   * neighbour makes single requests three times as expensive.
   */
  typicalP99: number;
  /** The most expensive forgeries by their medians. */
  worst: { name: string; p50: number }[];
  /** Forgeries that were accepted: there must be none. */
  accepted: string[];
}

export interface CostOptions {
  bytes: number;
  /** How often each forgery is sent. */
  times: number;
}

/** Rounds that are not measured, while V8 compiles. */
const warmUps = 3;

/** Sends every forgery of a sample from the received body to its rejection, as `takeWebhook` does. */
export async function measureCost(sample: SignedSample, { bytes, times }: CostOptions): Promise<Cost> {
  const credentials = otherCredentials(sample);
  const accepted = new Set<string>();
  const sent = forgeriesOf(sample, bytes).map((forgery) => ({ ...forgery, spent: [] as number[] }));
  for (let round = -warmUps; round < times; round += 1) {
    for (const { name, request, spent } of sent) {
      const own = { ...request, body: Buffer.from(request.body) }; // Each request has a body of its own.
      const each = await timed(() => judge(sample, own, credentials));
      if (each.ok) accepted.add(name);
      if (round >= 0) spent.push(each.spent);
    }
  }
  const all = sent.flatMap(({ spent }) => spent);
  const medians = sent.map(({ name, spent }) => ({ name, p50: quantile(spent, 0.5) }));
  const typical = medians.map(({ p50 }) => p50);
  return {
    title: sample.title,
    ...{ p50: quantile(all, 0.5), p99: quantile(all, 0.99), max: quantile(all, 1) },
    typicalP99: quantile(typical, 0.99),
    worst: medians.sort((one, other) => other.p50 - one.p50).slice(0, 3),
    accepted: [...accepted],
  };
}

/** What one genuine webhook of the same size costs at least: an HMAC over its bytes, and parsing it. The median of many. */
export async function measureBaseline(bytes: number, times: number): Promise<number> {
  const record = { id: 'pay_0001', amount: 150_000, currency: 'IDR', note: 'one of many payments', paid: true };
  const text = JSON.stringify(Array.from({ length: Math.floor(bytes / 96) }, () => record));
  const body = Buffer.from(text);
  const spent: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const each = await timed(() => {
      createHmac('sha256', 'secret').update(body).digest();
      JSON.parse(body.toString());
      return Promise.resolve(false);
    });
    spent.push(each.spent);
  }
  return quantile(spent, 0.5);
}

async function judge(
  { preset }: SignedSample,
  request: InboundRequest,
  credentials: ReturnType<typeof otherCredentials>,
): Promise<boolean> {
  const view = createRequestView(request, preset.body, credentials.settings);
  const greeting = await preset.handshake(view, credentials, nowMs);
  if (greeting !== null) return false;
  const { ok } = await verifyRequest(preset, view, credentials, nowMs);
  preset.reject(view.unverified());
  return ok;
}

/** CPU of the whole process, which includes its garbage collector. */
async function timed(run: () => Promise<boolean>): Promise<{ spent: number; ok: boolean }> {
  const before = process.cpuUsage();
  const ok = await run();
  const { user, system } = process.cpuUsage(before);
  return { spent: (user + system) / 1000, ok };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
