import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHomeKeyRotation, homeSecretKeys } from '../../../cli/compose/home-secret-keys.ts';
import { openText, sealText } from '../../../storage/secret-keys.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const keysIn = async (home: string) => (await readFile(join(home, 'secrets-key'), 'utf8')).trim().split('\n');
const settled = () => Promise.resolve();

describe('the key in KAIT_HOME', () => {
  it('is made once, and only its owner may read it', async () => {
    const home = await temporaryFolder();
    const made = await homeSecretKeys(home);
    expect((await homeSecretKeys(home)).current.id).toBe(made.current.id);
    expect((await stat(join(home, 'secrets-key'))).mode & 0o777).toBe(0o600);
  });

  it('is not replaced if the file holds something else', async () => {
    const home = await temporaryFolder();
    await writeFile(join(home, 'secrets-key'), 'not a key');
    await expect(homeSecretKeys(home)).rejects.toMatchObject({ code: 'KAIT_CONFIG_INVALID' });
  });
});

describe('a rotation of the key in KAIT_HOME', () => {
  it('seals with the new key, and leaves only that in the file', async () => {
    const home = await temporaryFolder();
    const keys = await homeSecretKeys(home);
    const [old] = await keysIn(home);
    const before = sealText(keys, 'a', 'text');
    let resealed = before;
    await createHomeKeyRotation(
      home,
      keys,
      settled,
    )(() => {
      resealed = sealText(keys, 'a', openText(keys, 'a', resealed));
      return Promise.resolve();
    });
    expect(await keysIn(home)).toHaveLength(1);
    expect(await keysIn(home)).not.toContain(old);
    expect(openText(await homeSecretKeys(home), 'a', resealed)).toBe('text');
    expect(openText(keys, 'a', before)).toBe('text'); // What an attempt has read before.
  });

  it.each([1, 2])('opens everything after it died in step %i of sealing', async (step) => {
    const home = await temporaryFolder();
    const keys = await homeSecretKeys(home);
    const sealed = [sealText(keys, 'a', 'old')];
    let steps = 0;
    const dying = createHomeKeyRotation(
      home,
      keys,
      settled,
    )(() => {
      sealed.push(sealText(keys, 'a', 'new'));
      steps += 1;
      return steps === step ? Promise.reject(new Error('killed')) : Promise.resolve();
    });
    await expect(dying).rejects.toThrow('killed');
    const restarted = await homeSecretKeys(home);
    expect(sealed.map((each) => openText(restarted, 'a', each))).toEqual(['old', ...Array<string>(step).fill('new')]);
    expect(restarted.current.id).toBe(keys.current.id);
  });

  it('waits for one that is under way', async () => {
    const home = await temporaryFolder();
    const keys = await homeSecretKeys(home);
    const rotate = createHomeKeyRotation(home, keys, settled);
    await Promise.all([rotate(settled), rotate(settled)]);
    expect((await homeSecretKeys(home)).current.id).toBe(keys.current.id);
    expect(await keysIn(home)).toHaveLength(1);
  });
});
