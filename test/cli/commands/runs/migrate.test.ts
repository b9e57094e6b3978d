import { expect, it } from 'vitest';
import { migrateRuns, type MigrateOptions } from '../../../../cli/commands/runs/migrate.ts';
import { fakeApi } from '../../fake-api.ts';

const before = { name: 'pay', on: { event: 'payment.succeeded' }, steps: [{ id: 'rest', wait: '1d' }] };
const after = { ...before, output: 'new' };
const taken = { refused: null, detail: null, run: 'kait-1/pay/stripe/a', definitions: { before, after } };
const same = { refused: 'same', detail: null, run: 'kait-1/pay/stripe/b', definitions: null };
const left = {
  ...{ refused: 'definition', detail: 'the step "rest" waits, and was changed' },
  ...{ run: 'kait-1/pay/stripe/c', definitions: { before, after } },
};

const migrate = (api: ReturnType<typeof fakeApi>['api'], runs: string[], options: Partial<MigrateOptions>) =>
  migrateRuns(api, runs, { limit: 20, reason: 'a new text', ...options });

it('shows the difference once, names the runs that are left alone and why, and counts', async () => {
  const pages = [
    { items: [taken, same], next: 'cursor.1' },
    { items: [taken, left], next: null },
  ];
  const { api, asked } = fakeApi(...pages);
  expect(await migrate(api, [], { definition: 'pay', since: '2026-01-01T00:00:00Z' })).toBe(
    [
      '  with the definition as it is served now:',
      '    ~ (definition)  output added: "new"',
      'kait-1/pay/stripe/c',
      '  left alone: the definition does not fit: the step "rest" waits, and was changed',
      '2 are migrated, 1 has the definition already, 1 left alone.',
    ].join('\n'),
  );
  const body = {
    ...{ reason: 'a new text', by: expect.any(String) as unknown, via: 'cli', dryRun: false },
    ...{ definition: 'pay', since: '2026-01-01T00:00:00Z', limit: 10 },
  };
  expect(asked).toEqual([
    ['POST /migrations', body],
    ['POST /migrations', { ...body, cursor: 'cursor.1' }],
  ]);
});

it('asks for runs by their names, and says what of each', async () => {
  const { api, asked } = fakeApi(taken, same);
  expect(await migrate(api, ['kait-1/pay/stripe/a', 'kait-1/pay/stripe/b'], { dryRun: true })).toBe(
    [
      '  with the definition as it is served now:',
      '    ~ (definition)  output added: "new"',
      'kait-1/pay/stripe/a',
      'kait-1/pay/stripe/b',
      '  left alone: it has this definition already',
      '1 would be migrated, 1 has the definition already, 0 left alone.',
    ].join('\n'),
  );
  expect(asked).toMatchObject([
    ['POST /runs/kait-1%2Fpay%2Fstripe%2Fa/migrate', { dryRun: true }],
    ['POST /runs/kait-1%2Fpay%2Fstripe%2Fb/migrate', { dryRun: true }],
  ]);
});

it('says that there may be more, and that there is none', async () => {
  const more = fakeApi({ items: [same], next: 'cursor.1' });
  expect(await migrate(more.api, [], { definition: 'pay' })).toBe(
    '0 are migrated, 2 have the definition already, 0 left alone.\nThere may be more: --limit 20 was reached.',
  );
  expect(await migrate(fakeApi({ items: [], next: null }).api, [], { definition: 'pay' })).toBe(
    'No run of it is under way.',
  );
});

it.each<[options: Partial<MigrateOptions>, runs: string[], message: string]>([
  [{}, [], 'Name runs, or use --definition <name> for all its runs under way. See "kait runs migrate --help".'],
  [
    { definition: 'pay' },
    ['a'],
    'Name runs, or use --definition <name> for all its runs under way. See "kait runs migrate --help".',
  ],
  [{ since: '2026-01-01T00:00:00Z' }, ['a'], '--since works only with --definition.'],
])('refuses %j with the runs %j', async (options, runs, message) => {
  const { api, asked } = fakeApi({});
  await expect(migrate(api, runs, options)).rejects.toMatchObject({ code: 'KAIT_USAGE', message });
  expect(asked).toEqual([]);
});

it('wants a reason for what it does', async () => {
  await expect(migrateRuns(fakeApi({}).api, ['a'], { limit: 1 })).rejects.toMatchObject({
    message: 'Say why with --reason <text>, for the audit. --dry-run needs none.',
  });
});
