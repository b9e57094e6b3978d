import { describe, expect, it } from 'vitest';
import { nowMs, verifyInbound } from '../gateways.ts';
import { acceptedMutants, acceptedOf } from './mutations.ts';
import { coveredPieces, requiredPieces, signaturePieces } from './pieces.ts';
import { signedSamples, type SignedSample } from './signed-samples.ts';

/** Every preset with a file and a sample must pass this suite. */

const samples = (await signedSamples()).filter(({ schemes }) => schemes.every(({ scheme }) => scheme !== 'none'));
const titled = (each: SignedSample) => [each.title, each] as const;

describe.each(samples.map(titled))('the sample %s', (_title, sample) => {
  const { preset, request, credentials } = sample;
  const signatures = signaturePieces(sample);
  const covered = coveredPieces(sample);
  const verification = () => verifyInbound(preset, request, credentials, nowMs);

  it('verifies if it is signed', async () => {
    expect(await verification()).toEqual({ ok: true });
    expect(signatures.length).toBeGreaterThan(0);
  });

  it('is rejected if a character of its signature differs', async () => {
    expect(await acceptedMutants(sample, signatures)).toEqual([]);
  });

  it('is rejected if a character that the signature covers differs', async () => {
    expect(await acceptedMutants(sample, covered)).toEqual([]);
  });

  it('is rejected if its signature is shortened, lengthened or blank', async () => {
    const attempts = signatures.flatMap((piece) =>
      [
        '',
        ' ',
        piece.text.slice(0, -1),
        piece.text.slice(1),
        `${piece.text}0`,
        piece.text.slice(0, piece.text.length / 2),
      ].map((text) => [`${piece.name}: ${text}`, piece.with(text)] as const),
    );

    expect(await acceptedOf(sample, attempts)).toEqual([]);
  });

  it('is rejected if any required part is missing', async () => {
    const attempts = [...signatures, ...covered, ...requiredPieces(sample)].flatMap(({ name, without }) =>
      without === undefined ? [] : [[name, without()] as const],
    );

    expect(attempts.length).toBeGreaterThan(0);
    expect(await acceptedOf(sample, attempts)).toEqual([]);
  });
});
