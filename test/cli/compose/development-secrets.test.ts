import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { openDevelopmentSecrets } from '../../../cli/compose/development-secrets.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let home: string;
beforeEach(async () => {
  home = await temporaryFolder();
});

const none = () => undefined;

it('takes the configured secret and does not write it', async () => {
  const secrets = await openDevelopmentSecrets(home, () => 'whsec_real');
  expect(secrets.lookup('STRIPE_WEBHOOK_SECRET')).toBe('whsec_real');
  expect(secrets.generated()).toEqual([]);
  await secrets.save();
  expect(await readFile(join(home, 'secrets.json'), 'utf8')).toBe('{}');
});

it('makes up a secret of 192 bits for each variable, and remembers them in the same process', async () => {
  const secrets = await openDevelopmentSecrets(home, none);
  const one = secrets.lookup('ONE');
  expect(one).toMatch(/^[0-9a-f]{48}$/);
  expect(secrets.lookup('ONE')).toBe(one);
  expect(secrets.lookup('OTHER')).not.toBe(one);
  expect(secrets.generated()).toEqual(['ONE', 'OTHER']);
});

it('gives the same secret after a restart, from a file for its owner only', async () => {
  const before = await openDevelopmentSecrets(home, none);
  const secret = before.lookup('ONE');
  await before.save();
  expect((await stat(join(home, 'secrets.json'))).mode & 0o777).toBe(0o600);
  const after = await openDevelopmentSecrets(home, none);
  expect(after.generated()).toEqual([]);
  expect(after.lookup('ONE')).toBe(secret);
  expect(after.generated()).toEqual(['ONE']);
});

it('generates a secret also for a name that every object has, and for an empty variable', async () => {
  const secrets = await openDevelopmentSecrets(home, () => '');
  expect(secrets.lookup('constructor')).toMatch(/^[0-9a-f]{48}$/);
});

it.each(['{ "ONE": "0123', '["0123"]', '{ "ONE": 123 }'])(
  'names a kept file that reads %s, and quotes none of it',
  async (text) => {
    const file = join(home, 'secrets.json');
    await writeFile(file, text);
    const opened = openDevelopmentSecrets(home, none);
    await expect(opened).rejects.toMatchObject({ code: 'KAIT_CONFIG_INVALID' });
    await expect(opened).rejects.toThrow(
      `Expected ${file} to be a JSON object of variable names and secrets. Correct it, or delete it to get new secrets.`,
    );
  },
);

it('makes up nothing for a secret that a rotation has lost', async () => {
  let value: string | undefined = 'whsec_real';
  const secrets = await openDevelopmentSecrets(home, () => value);

  expect(secrets.lookup('ONE')).toBe('whsec_real');
  value = undefined;
  expect(secrets.lookup('ONE')).toBe('');
  value = '';
  expect(secrets.lookup('ONE')).toBe('');
  expect(secrets.generated()).toEqual([]);
});
