import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { watchSecretsFile } from '../../../cli/compose/watch-secrets-file.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let file: string;
let logged: unknown[];
const log = {
  error: (_fields: unknown, message: string) => void logged.push(message),
  info: (message: string) => void logged.push(message),
};
beforeEach(async () => {
  file = join(await temporaryFolder(), 'secrets.json');
  logged = [];
});

const sound = '{ "KAIT_SECRET_SHOP": { "hosts": ["api.shop.example"] } }';

it('finds a mistake that comes and goes while the server runs, and says each once', async () => {
  const watched = await watchSecretsFile(file, log as never);
  expect(watched.problem()).toBeNull();
  await writeFile(file, '{ "KAIT_SECRET_SHOP": { "hosts": ["*"] } }');
  await watched.refresh();
  await watched.refresh();
  expect(watched.problem()).toContain('error KAIT1504');
  await writeFile(file, sound);
  await watched.refresh();
  await watched.refresh();
  expect(watched.problem()).toBeNull();
  expect(logged).toEqual(['mistake in secrets.json', 'secrets.json is correct again']);
});

it('forgets the mistake of the start once it is corrected', async () => {
  await writeFile(file, '[');
  const watched = await watchSecretsFile(file, log as never);
  expect(watched.problem()).toContain('secrets.json:1:2');
  await writeFile(file, sound);
  await watched.refresh();
  expect(watched.problem()).toBeNull();
});

it.each([
  ['that was there is a mistake if it is gone', sound, '/secrets.json is gone.'],
  ['with a mistake may be removed', '[', null],
])('a file %s', async (_which, text, problem) => {
  await writeFile(file, text);
  const watched = await watchSecretsFile(file, log as never);
  await rm(file);
  await watched.refresh();
  expect(watched.problem()?.slice(-22) ?? null).toBe(problem);
});
