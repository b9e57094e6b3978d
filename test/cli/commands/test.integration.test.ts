import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { watchTests } from '../../../cli/commands/test.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const definition = { name: 'shop', on: { event: 'payment.succeeded' }, steps: [{ id: 'tell', emit: 'order.created' }] };
const tests = (status: string) =>
  JSON.stringify({ tests: [{ name: 'a test', expect: { trace: [`tell ${status}`] } }] });

it('runs tests again when a file has changed', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'shop.test.json');
  await writeFile(join(folder, 'shop.json'), JSON.stringify(definition));
  await writeFile(file, tests('done'));
  const written: string[] = [];
  let settled = (): void => undefined;
  const nextPause = () => new Promise<void>((resolve) => (settled = resolve));
  const write = (text: string): void => {
    written.push(text);
    if (text.startsWith('Waiting')) settled();
  };

  const firstRun = nextPause();
  const watching = await watchTests([folder], { minCoverage: 0 }, write);
  await firstRun;
  expect(written.at(-2)).toBe('1 test passed, 0 failed in 1 file.');
  const secondRun = nextPause();
  await writeFile(file, tests('skipped'));
  await secondRun;
  expect(written.at(-2)).toBe('0 tests passed, 1 failed in 1 file.');
  const thirdRun = nextPause();
  await writeFile(join(folder, 'shop.json'), '{}');
  await thirdRun;
  expect(written.join('\n')).toContain('"name" is missing from the definition.');
  await watching.stop();
});
