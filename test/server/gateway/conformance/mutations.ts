import type { SchemeOptions } from '../../../../server/gateway/schemes/schemes.ts';
import { alphabet, type Piece } from './pieces.ts';
import { credentialsOf } from './sample-keys.ts';
import { isAccepted, type Attempt, type SignedSample } from './signed-samples.ts';

/** How many positions of a piece are changed, and whether to every character or to one. */
export interface Thoroughness {
  positions: number;
  characters: 'one' | 'every';
}

/** The depth of the test suite. Verifying with a public key takes fifty times as long as a hash. */
function quickly(schemes: readonly SchemeOptions[]): Thoroughness {
  const slow = schemes.some(({ scheme }) => scheme === 'asymmetric' || scheme === 'jwt');
  return { positions: slow ? 8 : 48, characters: 'one' };
}

export const thoroughly: Thoroughness = { positions: Infinity, characters: 'every' };

/** Texts that differ from the piece's in one character. */
export function mutationsOf(
  { text, alphabet, caseCounts }: Pick<Piece, 'text' | 'alphabet' | 'caseCounts'>,
  { positions, characters }: Thoroughness,
): string[] {
  const random = randomOf(text.length);
  return chosen(text.length, positions, random).flatMap((index) => {
    const others = othersOf(text.charAt(index), alphabet, caseCounts);
    const used = characters === 'every' ? others : others.slice(0, 0).concat(others[random(others.length)] ?? []);
    return used.map((other) => text.slice(0, index) + other + text.slice(index + 1));
  });
}

/** The attempts that the preset accepts, as pieces and texts. */
export async function acceptedMutants(
  sample: SignedSample,
  pieces: readonly Piece[],
  thoroughness = quickly(sample.schemes),
): Promise<string[]> {
  const accepted: string[] = [];
  for (const piece of pieces) {
    for (const text of mutationsOf(piece, thoroughness)) {
      if (await isAccepted(sample, piece.with(text))) accepted.push(`${piece.name}: ${text}`);
    }
  }
  return accepted;
}

/** The secrets that the preset accepts although they differ from the sample's in one character. */
export async function acceptedSecrets(sample: SignedSample, thoroughness = quickly(sample.schemes)): Promise<string[]> {
  const { preset, schemes, request, credentials } = sample;
  const hex = schemes.some((scheme) => scheme.scheme === 'hmac' && scheme.key?.encoding === 'hex');
  const piece = { text: preset.declared.sampleSecret ?? '', alphabet, caseCounts: !hex };
  const attempts = mutationsOf(piece, thoroughness).map((secret) => {
    const forged = credentialsOf(preset, schemes, sample.sample, credentials.settings, secret);
    return [secret, { request, credentials: forged }] as const;
  });
  return acceptedOf(sample, attempts);
}

/** The names of the attempts that the preset accepts. */
export async function acceptedOf(sample: SignedSample, attempts: readonly (readonly [string, Attempt])[]) {
  const verifications = await Promise.all(attempts.map(([, attempt]) => isAccepted(sample, attempt)));
  return attempts.filter((_attempt, index) => verifications[index]).map(([name]) => name);
}

function othersOf(character: string, alphabet: readonly string[], caseCounts: boolean): string[] {
  const others = alphabet.filter((each) => each.toLowerCase() !== character.toLowerCase());
  const flipped = character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase();
  return caseCounts && flipped !== character && flipped.length === 1 ? [flipped, ...others] : others;
}

/** All positions if there are few, or else `count` of them, including the first and the last. */
function chosen(length: number, count: number, random: (below: number) => number): number[] {
  if (length <= count) return Array.from({ length }, (_position, index) => index);
  const inner = Array.from({ length: count - 2 }, () => 1 + random(length - 2));
  return [...new Set([0, length - 1, ...inner])];
}

/** The same numbers on every run: a linear congruential generator with the constants of Numerical Recipes. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
