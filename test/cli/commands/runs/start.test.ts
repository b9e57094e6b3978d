import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startRun } from '../../../../cli/commands/runs/start.ts';
import { sharedTemporaryFolder } from '../../../temporary-folder.ts';
import { fakeApi } from '../../fake-api.ts';

const folder = sharedTemporaryFolder();
const run = 'kait-test/give-back/kait/manual:give-back:1';

function clientOf(repeated: boolean) {
  return fakeApi({ source: 'kait', eventId: 'manual:give-back:1', run, repeated });
}

it('sends the input, the key and the reason, and names the run', async () => {
  const { api, asked } = clientOf(false);
  const shown = await startRun(api, 'give-back', { input: '{"orderId":"INV-7"}', key: '1', reason: 'paid twice' });
  expect(shown).toBe(`Started ${run}.\nIts event: kait/manual:give-back:1`);
  const body = { input: { orderId: 'INV-7' }, key: '1', reason: 'paid twice' };
  expect(asked).toMatchObject([['POST /definitions/give-back/runs', body]]);
});

it('reads the input from a file', async () => {
  const { api, asked } = clientOf(false);
  const file = join(folder.path, 'input.json');
  await writeFile(file, '{ "orderId": "INV-8" }');
  await startRun(api, 'give-back', { input: file, reason: 'r' });
  expect(asked).toMatchObject([['POST /definitions/give-back/runs', { input: { orderId: 'INV-8' }, reason: 'r' }]]);
});

it('says if nothing new was started', async () => {
  expect(await startRun(clientOf(true).api, 'give-back', { reason: 'r' })).toBe(
    `Nothing new was started: a request with this key has started ${run} before.`,
  );
});

it.each([
  ['{"orderId":', '--input is not JSON: '],
  ['["INV-7"]', '--input must be an object, such as {"orderId": "INV-7"}.'],
  ['no-such-file.json', 'Expected --input <JSON or file>, got no-such-file.json, which is neither.'],
])('refuses the input %s', async (input, message) => {
  await expect(startRun(clientOf(false).api, 'give-back', { input, reason: 'r' })).rejects.toThrow(message);
});
