import { expect, it } from 'vitest';
import { advance, type Gap } from '../../../server/feed/position.ts';

const gap = (from: number, to: number, untilMs = 61_000): Gap => [from, to, untilMs];

it.each([
  { about: 'nothing was seen', last: 5, gaps: [], seen: [], after: { last: 5, gaps: [] } },
  { about: 'the next rows were seen', last: 5, gaps: [], seen: [7, 6], after: { last: 7, gaps: [] } },
  {
    about: 'numbers were skipped',
    last: 5,
    gaps: [],
    seen: [8, 12],
    after: { last: 12, gaps: [gap(6, 7), gap(9, 11)] },
  },
  {
    about: 'a skipped row came late',
    last: 12,
    gaps: [gap(6, 9)],
    seen: [7],
    after: { last: 12, gaps: [gap(6, 6), gap(8, 9)] },
  },
  { about: 'the last of a gap came', last: 12, gaps: [gap(6, 6)], seen: [6], after: { last: 12, gaps: [] } },
  {
    about: 'a gap was awaited for too long',
    last: 12,
    gaps: [gap(6, 6, 1_000)],
    seen: [13],
    after: { last: 13, gaps: [] },
  },
])('knows what is still to come when $about', ({ last, gaps, seen, after }) => {
  expect(advance({ last, gaps }, seen, 1_000)).toEqual(after);
});

it('gives up the oldest of more than 500 gaps', () => {
  const seen = Array.from({ length: 501 }, (_, index) => 2 * index + 2);
  const { gaps } = advance({ last: 0, gaps: [] }, seen, 0);
  expect([gaps.length, gaps[0], gaps.at(-1)]).toEqual([500, gap(3, 3, 60_000), gap(1_001, 1_001, 60_000)]);
});
