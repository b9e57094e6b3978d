import { nowMs, verifyInbound } from '../../test/server/gateway/gateways.ts';
import {
  onePerScheme,
  signedSamples,
  type SignedSample,
} from '../../test/server/gateway/conformance/signed-samples.ts';
import type { SchemeOptions } from '../../server/gateway/schemes/schemes.ts';
import { rounded, type Report } from '../report.ts';
import { median } from '../rounds.ts';

const callsPerRepeat = 1_000;

/** The time to verify a sample of every preset, in this process, without a server or storage. */
export async function measureVerification(options: {
  repeats: number;
  report: (line: string) => void;
}): Promise<Report> {
  const samples = onePerScheme(await signedSamples());
  const timesUs = samples.map((): number[] => []);
  for (let repeat = 0; repeat <= options.repeats; repeat++) {
    for (const [index, sample] of samples.entries()) {
      const measured = await timeCalls(sample);
      if (repeat > 0) timesUs[index]?.push(...measured); // The code is still being compiled in the first.
    }
  }
  options.report(`verified ${samples.length} samples ${options.repeats * callsPerRepeat} times each`);
  return reportOf(samples.map((sample, index) => ({ sample, medianUs: median(timesUs[index] ?? []) })));
}

async function timeCalls({ title, preset, request, credentials }: SignedSample): Promise<number[]> {
  const timesUs: number[] = [];
  for (let call = 0; call < callsPerRepeat; call++) {
    const startedMs = performance.now();
    const verification = await verifyInbound(preset, request, credentials, nowMs);
    timesUs.push((performance.now() - startedMs) * 1_000);
    if (!verification.ok) throw new Error(`${title} is refused: ${verification.reason}`);
  }
  return timesUs;
}

function reportOf(verified: { sample: SignedSample; medianUs: number }[]): Report {
  const sorted = verified.toSorted((a, b) => a.medianUs - b.medianUs);
  return {
    title: 'verification: the cost of one call',
    notes: ['Median time to verify one sample of every preset and scheme, the cheapest first.'],
    headings: ['preset', 'scheme', 'bytes of the body', 'µs', 'a second'],
    rows: sorted.map(({ sample: { preset, schemes, request }, medianUs }) => [
      preset.name,
      schemes.map(describeScheme).join(' and '),
      request.body.length,
      rounded(medianUs),
      rounded(1_000_000 / medianUs),
    ]),
    targets: [{ what: 'The slowest', measured: sorted.at(-1)?.medianUs ?? NaN, unit: ' µs', atMost: 1_000 }],
  };
}

function describeScheme(options: SchemeOptions): string {
  switch (options.scheme) {
    case 'hmac':
    case 'hash': {
      const algorithm = typeof options.algorithm === 'string' ? options.algorithm : 'chosen by the request';
      return `${options.scheme} ${algorithm}${options.scope === 'item' ? ', each item' : ''}`;
    }
    case 'asymmetric':
      return options.algorithm;
    case 'jwt':
      return `jwt ${options.algorithms.join(', ')}`;
    case 'token':
    case 'none':
      return options.scheme;
  }
}
