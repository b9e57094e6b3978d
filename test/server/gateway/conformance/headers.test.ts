import { describe, expect, it } from 'vitest';
import { nowMs, verifyInbound } from '../gateways.ts';
import { signaturePieces, signatureSelectorOf } from './pieces.ts';
import { isAccepted, onePerScheme, signedSamples, type SignedSample } from './signed-samples.ts';

const samples = onePerScheme(await signedSamples()).filter(
  ({ schemes }) => signatureSelectorOf(schemes[0]!) !== undefined,
);
const titled = (each: SignedSample) => [each.title, each] as const;

/** Node keeps only the first `authorization`, and two JSON Web Tokens cannot share a header (RFC 7519). */
const takenOnce = ['basic_auth', 'plaid'];

const inHeaders = samples.filter(({ schemes }) => signatureSelectorOf(schemes[0]!)!.startsWith('header:'));
const repeatable = inHeaders.filter(({ preset }) => !takenOnce.includes(preset.name));
const single = inHeaders.filter(({ preset }) => takenOnce.includes(preset.name));

/** The header's name, its right value, and a wrong value of the same form. */
function signatureHeader({ request, schemes }: SignedSample) {
  const name = /^header:([^ ]+)/.exec(signatureSelectorOf(schemes[0]!)!)![1]!.toLowerCase();
  const right = String(request.headers[name]);
  const index = right.search(/[0-9A-Za-z](?=[^0-9A-Za-z]*$)/) - 3;
  const wrong = `${right.slice(0, index)}${right[index] === '0' ? '1' : '0'}${right.slice(index + 1)}`;
  return { name, right, wrong };
}

function withHeader(sample: SignedSample, name: string, value: string | string[]) {
  return { ...sample, request: { ...sample.request, headers: { ...sample.request.headers, [name]: value } } };
}

describe.each(repeatable.map(titled))('the signature header of %s', (_title, sample) => {
  const { name, right, wrong } = signatureHeader(sample);

  it.each([
    ['twice', [right, right]],
    ['twice, as Node joins it', `${right}, ${right}`],
    ['behind a wrong one', [wrong, right]],
    ['behind a wrong one, as Node joins them', `${wrong}, ${right}`],
    ['before a wrong one', [right, wrong]],
  ])('is accepted %s', async (_how, value) => {
    expect(await isAccepted(sample, withHeader(sample, name, value))).toBe(true);
  });

  it('is rejected if all of several are wrong', async () => {
    expect(await isAccepted(sample, withHeader(sample, name, [wrong, wrong]))).toBe(false);
  });
});

describe.each(single.map(titled))('the signature header of %s', (_title, sample) => {
  it('is rejected if it is repeated', async () => {
    const { name, right } = signatureHeader(sample);

    expect(await isAccepted(sample, withHeader(sample, name, [right, right]))).toBe(false);
  });
});

describe.each(inHeaders.map(titled))('an oversized signature header of %s', (_title, sample) => {
  const { name, right, wrong } = signatureHeader(sample);

  it.each([
    ['a thousand wrong signatures before the right one', `${`${wrong}, `.repeat(1_000)}${right}`],
    ['a thousand headers', [...Array.from({ length: 1_000 }, () => wrong), right]],
    ['16 kB of one character', 'a'.repeat(16_384)],
    ['16 kB of separators', `${',;& '.repeat(4_096)}${right}`],
    ['16 kB of pairs', `${'t=1,v1=0;h1=0&'.repeat(1_200)}${right}`],
  ])('with %s is rejected', async (_what, value) => {
    const { request, credentials } = withHeader(sample, name, value);

    expect((await verifyInbound(sample.preset, request, credentials, nowMs)).ok).toBe(false);
  });
});

/** Case does not matter in hex digits; it does in base64 and tokens. */
const lower = samples.filter(({ schemes: [scheme] }) => 'signature' in scheme! && scheme.signature.encoding === 'hex');
const exact = samples.filter((sample) => !lower.includes(sample));

describe.each(lower.map(titled))('the hex of %s', (_title, sample) => {
  it('is accepted in capitals as well', async () => {
    const [piece] = signaturePieces(sample);
    const capitals = piece!.text.replace(/[0-9a-f]{32,}/, (digits) => digits.toUpperCase());

    expect(capitals).not.toBe(piece!.text);
    expect(await isAccepted(sample, piece!.with(capitals))).toBe(true);
  });
});

describe.each(exact.map(titled))('the signature or token of %s', (_title, sample) => {
  it('is rejected in another letter case', async () => {
    const [piece] = signaturePieces(sample);

    expect(await isAccepted(sample, piece!.with(piece!.text.toUpperCase()))).toBe(false);
    expect(await isAccepted(sample, piece!.with(piece!.text.toLowerCase()))).toBe(false);
  });
});
