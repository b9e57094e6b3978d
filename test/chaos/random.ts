import { createHash } from 'node:crypto';

/** A repeatable source of chance. */
export interface Random {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True with a probability of `share`, from 0 to 1. */
  chance(share: number): boolean;
  shuffled<Item>(items: readonly Item[]): Item[];
}

/**
 * The same numbers for the same seed and purpose. Each part of the test has a purpose of its own, so that how often one part
 * asks does not change what another gets.
 */
export function createRandom(seed: number, purpose: string): Random {
  const digest = createHash('sha256').update(`${seed}/${purpose}`).digest();
  const fraction = mulberry32(digest.readUInt32LE(0));
  return {
    between: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
    chance: (share) => fraction() < share,
    shuffled: (items) =>
      items
        .map((item) => ({ item, rank: fraction() }))
        .sort((one, other) => one.rank - other.rank)
        .map(({ item }) => item),
  };
}

/** Uniform in [0, 1), by the public-domain generator of that name: small, fast, and good enough to choose moments. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
