import { expect, it } from 'vitest';
import { createStartJudge } from '../../storage/start-verdict.ts';

const strange = { temporalSeemsDown: false };
const away = { temporalSeemsDown: true };

it('doubles the pause of an event up to five seconds as long as nothing starts', () => {
  const judge = createStartJudge<number>();
  const verdicts = Array.from({ length: 6 }, () => judge.failed(1, strange));
  expect(verdicts).toEqual(
    [500, 1_000, 2_000, 4_000, 5_000, 5_000].map((retryAfterMs) => ({ kind: 'suspended', retryAfterMs })),
  );
});

it('does not blame an event for its first failure, which may be the beginning of an outage', () => {
  const judge = createStartJudge<number>();
  judge.succeeded();
  expect(judge.failed(1, strange)).toEqual({ kind: 'suspended', retryAfterMs: 500 });
});

it.each([
  ['at its second failure, if the error says nothing about Temporal', strange, ['suspended', 'blamed', 'blamed']],
  [
    'at its fourth failure, if Temporal seems to be away',
    away,
    ['suspended', 'suspended', 'suspended', 'blamed', 'suspended'],
  ],
])('blames an event while others start: %s', (_when, failure, expected) => {
  const judge = createStartJudge<number>();
  const kinds = expected.map(() => {
    const { kind } = judge.failed(1, failure);
    judge.succeeded();
    return kind;
  });
  expect(kinds).toEqual(expected);
});

it('takes eight different events without a success between them for an outage, but never one that fails often', () => {
  const judge = createStartJudge<number>();
  for (let time = 0; time < 20; time++) judge.failed(1, away);
  for (let rowId = 2; rowId <= 7; rowId++) judge.failed(rowId, away);
  expect(judge.isOutage()).toBe(false);
  judge.failed(8, away);
  expect(judge.isOutage()).toBe(true);
  judge.succeeded();
  expect(judge.isOutage()).toBe(false);
});

it('lets eight more events be tried in each round', () => {
  const judge = createStartJudge<number>();
  for (let rowId = 1; rowId <= 8; rowId++) judge.failed(rowId, away);
  judge.newRound();
  expect(judge.isOutage()).toBe(false);
});
