import { describe, expect, it } from 'vitest';
import type { SchemeOptions } from '../../../../server/gateway/schemes/schemes.ts';
import { nowMs, verifyInbound } from '../gateways.ts';
import { onePerScheme, signedSamples, type SignedSample } from './signed-samples.ts';

/** How many seconds a signature is valid. Undefined if the preset has no limit. */
function toleranceOf(scheme: SchemeOptions): number | undefined {
  if (scheme.scheme === 'jwt') return scheme.maxAgeSeconds;
  return 'timestamp' in scheme ? scheme.timestamp?.toleranceSeconds : undefined;
}

/** Gateways that sign each retry again. For all others, a limit would reject retries. */
const tolerances = {
  coinbase_cdp: 300,
  paddle: 5,
  plaid: 300,
  standard_webhooks: 300,
  standard_webhooks_v1a: 300,
  stripe: 300,
  svix: 300,
};
/** Gateways whose own libraries check only the age. */
const letFuturePass = ['paddle', 'stripe'];

const samples = onePerScheme(await signedSamples());
const titled = (each: SignedSample) => [each.title, each] as const;
const timed = samples.filter(({ schemes }) => toleranceOf(schemes[0]!) !== undefined);
const timeless = samples.filter((each) => !timed.includes(each));

const verificationAt = ({ preset, request, credentials }: SignedSample, atMs: number | null, settings = {}) =>
  verifyInbound(preset, request, { ...credentials, settings: { ...credentials.settings, ...settings } }, atMs);

it('limits the age for these gateways and no others', () => {
  const found = timed.map(({ preset, schemes }) => [preset.name, toleranceOf(schemes[0]!)]);

  expect(Object.fromEntries(found)).toEqual(tolerances);
});

describe.each(timed.map(titled))('the age of %s', (_title, sample) => {
  const toleranceMs = toleranceOf(sample.schemes[0]!)! * 1000;

  it('may reach the limit, and no second more', async () => {
    expect(await verificationAt(sample, nowMs + toleranceMs)).toEqual({ ok: true });
    expect(await verificationAt(sample, nowMs + toleranceMs + 1_000)).toEqual({ ok: false, reason: 'stale-timestamp' });
    expect(await verificationAt(sample, nowMs + 86_400_000)).toEqual({ ok: false, reason: 'stale-timestamp' });
  });

  it('is not judged without a clock', async () => {
    expect(await verificationAt(sample, null)).toEqual({ ok: true });
  });

  it('is judged by the source’s own limit, if it has one', async () => {
    const settings = { toleranceSeconds: '1000' };

    expect(await verificationAt(sample, nowMs + 1_000_000, settings)).toEqual({ ok: true });
    expect(await verificationAt(sample, nowMs + 1_001_000, settings)).toEqual({ ok: false, reason: 'stale-timestamp' });
  });
});

describe.each(timed.filter(({ preset }) => !letFuturePass.includes(preset.name)).map(titled))(
  'a clock behind that of %s',
  (_title, sample) => {
    const toleranceMs = toleranceOf(sample.schemes[0]!)! * 1000;

    it('is forgiven up to the limit', async () => {
      expect(await verificationAt(sample, nowMs - toleranceMs)).toEqual({ ok: true });
      expect(await verificationAt(sample, nowMs - toleranceMs - 1_000)).toEqual({
        ok: false,
        reason: 'future-timestamp',
      });
    });
  },
);

it.each(timed.filter(({ preset }) => letFuturePass.includes(preset.name)).map(titled))(
  'accepts %s however far its clock is ahead',
  async (_title, sample) => {
    expect(await verificationAt(sample, nowMs - 86_400_000)).toEqual({ ok: true });
  },
);

it.each(timeless.map(titled))(
  'accepts %s a week later, since its retries carry the first signature',
  async (_title, sample) => {
    expect(await verificationAt(sample, nowMs + 604_800_000)).toEqual({ ok: true });
  },
);
