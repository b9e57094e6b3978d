import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { testFile } from '../../cli/commands/test.ts';
import { createAnswerer } from '../../console/pages/playground/worker/answer.ts';
import { formatDifferences } from '../../simulator/definition-tests/format-results.ts';
import { benchOf, definitionsIn, folders } from './shipped.ts';

describe.each(Object.entries(folders))('the tests of the %s in the console', (_name, folder) => {
  it.each(definitionsIn(folder))('of $file have the results of kait test', async ({ file, tests }) => {
    const answer = createAnswerer();
    await answer({ id: 1, kind: 'bench', what: await benchOf(folder) });
    const texts = { text: await readFile(file, 'utf8'), tests: await readFile(tests, 'utf8') };
    const tested = await answer({ id: 2, kind: 'test', what: texts });
    const { results, coverage } = await testFile(tests);
    expect(tested).toMatchObject({
      ...{ kind: 'ran', coverage },
      results: results.map(({ test: { name }, differences }) => ({
        name,
        differences: formatDifferences(differences),
      })),
    });
  });
});

describe('the tests of a definition', () => {
  const draft = JSON.stringify({
    ...{ name: 'paid', on: { event: 'payment.succeeded', if: { '>': [{ var: 'event.payment.amount' }, 10] } } },
    steps: [
      { id: 'decide', if: { '>': [{ var: 'event.payment.amount' }, 100] }, then: [{ id: 'thank', set: { a: 1 } }] },
    ],
  });
  const ask = async (tests: unknown, text = draft) => {
    const answer = createAnswerer();
    await answer({ id: 1, kind: 'bench', what: await benchOf(folders.workflows) });
    return answer({ id: 2, kind: 'test', what: { text, tests: JSON.stringify(tests) } });
  };
  const amount = (value: number) => ({ payment: { amount: value } });

  it('say by step what they cover', async () => {
    const tests = [
      { name: 'thanks', event: amount(200), expect: {} },
      { name: 'is too little', event: amount(5), expect: { triggered: false } },
    ];
    const branch = (what: string, isCovered: boolean) => ({ what, isCovered, line: 1 });
    expect(await ask({ tests })).toMatchObject({
      results: [
        { name: 'thanks', differences: [], end: { status: 'completed', after: '+0s', steps: 2 } },
        { name: 'is too little', differences: [], end: null },
      ],
      coverage: { covered: 3, total: 4 },
      steps: [
        { step: 'on', tests: null, branches: [branch('if true', true), branch('if false', true)] },
        { step: 'decide', tests: 1, branches: [branch('then', true), branch('else', false)] },
        { step: 'thank', tests: 1, branches: [] },
      ],
    });
  });

  it('say what they have expected, and what came', async () => {
    const tests = [{ name: 'fails', event: amount(200), expect: { status: 'failed' } }];
    expect(await ask({ tests })).toMatchObject({
      results: [{ differences: ['status', '  expected  failed', '  got       completed'] }],
    });
  });

  it.each([
    ['in the tests', { tests: [{ name: 'a', expect: { staus: 'failed' } }] }, draft, 'tests'],
    ['in the tests, which are none', { tests: [] }, draft, 'tests'],
    ['in the tests, which are something else', null, draft, 'tests'],
    ['in the tests, with a key that every object has', { __proto__: null, constructor: [] }, draft, 'tests'],
    ['in the draft', { tests: [{ name: 'a', expect: {} }] }, '{', 'draft'],
  ])('do not run with a mistake %s', async (_what, tests, text, where) => {
    expect(await ask(tests, text)).toMatchObject({ kind: 'mistakes', where });
  });
});
