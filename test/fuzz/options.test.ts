import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it('sends 100,000 requests of a random seed unless told otherwise', () => {
  expect(parseOptions([], 42)).toEqual({ requests: 100_000, seed: 42 });
  expect(parseOptions(['--requests', '2000', '--seed', '0'], 42)).toEqual({ requests: 2_000, seed: 0 });
});

it.each([
  [['--requests', '99'], '--requests must be a whole number from 100 to 10000000, got 99'],
  [['--requests', '1e3'], 'got 1e3'],
  [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295'],
  [['--speed', '1'], "Unknown option '--speed'"],
])('refuses %j', (argv, message) => {
  expect(() => parseOptions(argv, 1)).toThrow(message);
});
