import { parseArgs } from 'node:util';

/** `separate`: server, worker and Temporal as processes of their own over PostgreSQL. `together`: `kait up` as one. */
export type Mode = 'separate' | 'together';

export interface ChaosOptions {
  /** Different events in `separate` mode; `together`, beside it, gets a fifth. */
  events: number;
  /** Decides the moments of kills and copies. The same seed gives the same plan, not the same interleaving. */
  seed: number;
  modes: Mode[];
}

export const usage =
  'npm run chaos -- [--events N] [--seed N] [--mode separate|together|both]\n' +
  '  --events  how many different events, 1 to 100000 (300)\n' +
  '  --seed    0 to 4294967295 (a random one, which is printed)\n' +
  '  --mode    how Kait is split into processes (both, side by side)';

const modesByName: Record<string, Mode[]> = {
  separate: ['separate'],
  together: ['together'],
  both: ['separate', 'together'],
};

/** Reads the command line. Throws an `Error` that says what was expected. */
export function parseOptions(argv: string[], randomSeed: number): ChaosOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      events: { type: 'string', default: '300' },
      seed: { type: 'string', default: String(randomSeed) },
      mode: { type: 'string', default: 'both' },
    },
  });
  const modes = Object.hasOwn(modesByName, values.mode) ? modesByName[values.mode] : undefined;
  if (modes === undefined) throw new Error(`--mode must be separate, together or both, got ${values.mode}`);
  return {
    events: wholeNumber('--events', values.events, 1, 100_000),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    modes,
  };
}

/** The value of an option that takes a whole number. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${name} must be a whole number from ${least} to ${most}, got ${text}`);
}
