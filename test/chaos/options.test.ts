import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('the options of npm run chaos', () => {
  it('are 300 events, a random seed and both modes by default', () => {
    expect(parseOptions([], 7)).toEqual({ events: 300, seed: 7, modes: ['separate', 'together'] });
  });

  it('are as given', () => {
    const argv = ['--events', '3000', '--seed', '4294967295', '--mode', 'together'];
    expect(parseOptions(argv, 7)).toEqual({ events: 3000, seed: 4294967295, modes: ['together'] });
  });

  it.each([
    [['--events', '0'], '--events must be a whole number from 1 to 100000, got 0'],
    [['--events', '1e3'], '--events must be a whole number from 1 to 100000, got 1e3'],
    [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295, got 4294967296'],
    [['--mode', 'toString'], '--mode must be separate, together or both, got toString'],
  ])('are refused where they are %j', (argv, message) => {
    expect(() => parseOptions(argv, 7)).toThrow(message);
  });
});
