import { expect, it } from 'vitest';
import { onePerScheme, signedSamples } from '../../server/gateway/conformance/signed-samples.ts';
import { forgeriesOf } from './forgeries.ts';
import { measureCost } from './measure-cost.ts';

const samples = onePerScheme(await signedSamples()).filter(({ schemes }) => schemes[0]!.scheme !== 'none');

it.each(samples.map((sample) => [sample.title, sample] as const))(
  'no forgery of %s is accepted, and none is larger than it may be',
  async (_title, sample) => {
    const bytes = 16_384;
    const { accepted } = await measureCost(sample, { bytes, times: 1 });
    const sizes = forgeriesOf(sample, bytes).map(({ request }) => request.body.length);
    expect(accepted).toEqual([]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(bytes);
    expect(Math.min(...sizes)).toBeGreaterThan(bytes / 2);
  },
);

it('sends each body with the signatures of the sample, and with as many as Kait reads', () => {
  const stripe = samples.find(({ preset }) => preset.name === 'stripe')!;
  const names = forgeriesOf(stripe, 16_384).map(({ name }) => name);
  expect(names.slice(0, 4)).toEqual(['a text', 'a text, many signatures', 'accents', 'accents, many signatures']);
  const [once, often] = forgeriesOf(stripe, 16_384).map(({ request }) => String(request.headers['stripe-signature']));
  expect(often!.split(', ')).toEqual(Array.from({ length: 16 }, () => once));
});
