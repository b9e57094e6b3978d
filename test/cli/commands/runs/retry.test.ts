import { expect, it } from 'vitest';
import { retryRuns, type RetryOptions } from '../../../../cli/commands/runs/retry.ts';
import { fakeApi } from '../../fake-api.ts';

const run = 'kait-1/pay/stripe/a';
const answer = {
  ...{ refused: null, detail: null, of: run, ended: 'running', run: null, plan: null },
  ...{ steps: ['tell'], definitions: null },
};
const retry = (api: ReturnType<typeof fakeApi>['api'], options: Partial<RetryOptions>, step?: string) =>
  retryRuns(api, { run, step }, { limit: 10, reason: 'it is back', ...options }, Date.parse('2026-01-02T00:00:00Z'));

it.each<[what: string, answer: object, options: Partial<RetryOptions>, text: string]>([
  ['which step is tried again', answer, {}, `${run}\n  tries again: tell`],
  ['that of all', { ...answer, steps: ['one', 'two'] }, { all: true }, `${run}\n  tries again: one, two`],
  [
    'that it is parked at several',
    { ...answer, refused: 'which-step', detail: 'one, two', steps: ['one', 'two'] },
    {},
    `${run}\n  not retried: it is parked at several steps; name one, or use --all: one, two`,
  ],
  [
    'what it is doing',
    { ...answer, refused: 'running', detail: 'it is waiting at refund', steps: [] },
    {},
    `${run}\n  not retried: it has not ended: it is waiting at refund`,
  ],
])('says of a run under way %s', async (_what, given, options, text) => {
  const { api, asked } = fakeApi(given);
  expect(await retry(api, options)).toBe(text);
  expect(asked).toMatchObject([
    ['POST /runs/kait-1%2Fpay%2Fstripe%2Fa/retry', { via: 'cli', all: options.all ?? false }],
  ]);
});

it('takes all steps of one run, and not of a step', async () => {
  await expect(retry(fakeApi(answer).api, { all: true }, 'tell')).rejects.toMatchObject({ code: 'KAIT_USAGE' });
});

it('asks for failed runs page by page, and says if there may be more', async () => {
  const pages = ['cursor.1', 'cursor.2'].map((next) => ({ items: [{ ...answer, run: `${run}/kait:retry-1` }], next }));
  const { api, asked } = fakeApi(...pages);
  const given = { failed: true, limit: 15, reason: 'it is back', since: '2026-01-01T00:00:00Z', definition: ['pay'] };
  const text = await retryRuns(api, { run: undefined, step: undefined }, given, 0);
  expect(text).toMatch(/\n2 are retried, 0 not\.\nThere may be more: --limit 15 was reached\.$/);
  expect(asked).toMatchObject([
    ['POST /retries', { definition: 'pay', since: '2026-01-01T00:00:00Z', limit: 10 }],
    ['POST /retries', { definition: 'pay', since: '2026-01-01T00:00:00Z', limit: 5, cursor: 'cursor.1' }],
  ]);
});
