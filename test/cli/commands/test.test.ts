import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { runTests, testFilesAt, affectedBy } from '../../../cli/commands/test.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

const shop = `{
  "name": "shop",
  "on": { "event": "payment.succeeded" },
  "steps": [
    { "id": "big", "if": { ">": [{ "var": "event.payment.amount" }, 10] }, "emit": "big.payment" }
  ]
}`;
const passing = { name: 'tells of big payments', expect: { trace: ['big done'] } };
const failing = { name: 'tells of all payments', event: { payment: { amount: 5 } }, expect: { trace: ['big done'] } };

async function write(name: string, content: string | object): Promise<string> {
  await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return join(folder, name);
}

async function run(minCoverage = 0): Promise<{ code: number; lines: string[] }> {
  const written: string[] = [];
  const code = await runTests([folder], { minCoverage }, (text) => written.push(text));
  return { code, lines: written.join('\n').split('\n') };
}

it('runs the tests of a folder and shows what they do not cover', async () => {
  await write('shop.json', shop);
  const file = await write('shop.test.json', { tests: [passing] });
  expect(await run()).toEqual({
    code: 0,
    lines: [
      file,
      '  ✔ tells of big payments',
      '  1 of 2 branches covered. Not covered:',
      '      line 5    big  if false',
      '',
      '1 test passed, 0 failed in 1 file.',
    ],
  });
});

it('runs no test of a definition that sends a secret where the worker would not', async () => {
  await mkdir(join(folder, 'workflows'));
  const steps = [{ id: 'ask', http: 'https://api.shop.example', headers: { 'x-key': { secret: 'KAIT_SECRET_SHOP' } } }];
  await write('workflows/shop.json', { name: 'shop', on: { event: 'payment.succeeded' }, steps });
  await write('workflows/shop.test.json', { tests: [{ name: 'asks', expect: { trace: ['ask done'] } }] });
  const { code, lines } = await run();
  expect(code).toBe(1);
  expect(lines.join('\n')).toContain('error KAIT1502 KAIT_SECRET_SHOP has no entry in definitions/secrets.json');
  await write('secrets.json', { KAIT_SECRET_SHOP: { hosts: ['api.shop.example'], definitions: ['shop'] } });
  expect(await run()).toMatchObject({ code: 0 });
});

it('fails if a test does', async () => {
  await write('shop.json', shop);
  await write('shop.test.json', { tests: [passing, failing] });
  const { code, lines } = await run();
  expect(code).toBe(1);
  expect(lines).toContain('        + big skipped +0s  if is false: event.payment.amount (5) > 10');
  expect(lines.at(-1)).toBe('1 test passed, 1 failed in 1 file.');
});

it('fails if the tests cover less than they should', async () => {
  await write('shop.json', shop);
  const file = await write('shop.test.json', { tests: [passing] });
  expect(await run(50)).toMatchObject({ code: 0 });
  const { code, lines } = await run(51);
  expect(code).toBe(1);
  expect(lines).toContain(`  50.0 % of the branches are covered, expected at least 51 %: ${file}`);
});

it('shows mistakes in a test file and goes on with the others', async () => {
  await write('shop.json', shop);
  await write('shop.test.json', { tests: [{ ...passing, mocks: { bug: {} } }] });
  await write('other.json', shop.replace('"shop"', '"other"'));
  await write('other.test.json', { tests: [passing] });
  const { code, lines } = await run();
  expect(code).toBe(1);
  expect(lines.join('\n')).toContain('The definition "shop" has no step "bug".');
  expect(lines.at(-1)).toBe('1 test passed, 0 failed in 2 files.');
});

it('shows mistakes in a definition and goes on with the others', async () => {
  await write('shop.json', shop);
  await write('shop.test.json', { tests: [passing] });
  await write('other.json', '{ "name": "other" }');
  await write('other.test.json', { tests: [passing] });
  const { code, lines } = await run();
  expect(code).toBe(1);
  expect(lines.join('\n')).toContain('"on" is missing from the definition.');
  expect(lines.at(-1)).toBe('1 test passed, 0 failed in 2 files.');
});

it('fails if there are no tests', async () => {
  await write('shop.json', shop);
  expect(await run()).toEqual({
    code: 1,
    lines: ['There are no tests. Put the tests of shop.json into shop.test.json beside it.'],
  });
});

it('takes definitions, their tests, and folders', async () => {
  const definition = await write('shop.json', shop);
  const tests = await write('shop.test.json', { tests: [passing] });
  expect(await testFilesAt([definition, tests, folder])).toEqual([tests]);
  const alone = await write('alone.json', shop);
  expect(await testFilesAt([definition, alone, tests])).toEqual([tests]);
  await expect(testFilesAt([alone])).rejects.toMatchObject({
    code: 'KAIT_USAGE',
    message: `${alone} has no tests: there is no ${join(folder, 'alone.test.json')}.`,
  });
  const sources = await write('sources.json', '{}');
  await expect(testFilesAt([sources, tests])).rejects.toMatchObject({
    code: 'KAIT_USAGE',
    message: `"kait test" takes test files, definitions and folders of them; ${sources} is the sources file.`,
  });
});

it('knows which tests a change concerns', () => {
  const files = ['a/shop.test.json', 'a/other.test.json', 'b/far.test.json'];
  expect(affectedBy(['a/shop.test.json'], files)).toEqual(['a/shop.test.json']);
  expect(affectedBy(['a/shop.json'], files)).toEqual(['a/shop.test.json', 'a/other.test.json']);
  expect(affectedBy(['c/shop.json', 'a/new.test.json'], files)).toEqual([]);
});
