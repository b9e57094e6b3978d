import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../../errors.ts';
import { newSecretKey, parseSecretKeys, type SecretKeys } from '../../storage/secret-keys.ts';

/**
 * The keys of a Kait that has everything in one folder: in `<home>/secrets-key`, which only its owner may read, made at the first start. The caller
 * has the folder to itself. Throws `KAIT_CONFIG_INVALID` if the file holds something else.
 */
export async function homeSecretKeys(home: string): Promise<SecretKeys> {
  const file = join(home, 'secrets-key');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) {
    await mkdir(home, { recursive: true });
    // A process that dies in between must leave no half of a key.
    await writeFile(`${file}.new`, `${newSecretKey()}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
    return homeSecretKeys(home);
  }
  const keys = parseSecretKeys(text);
  if (keys !== null) return keys;
  throw new KaitError('KAIT_CONFIG_INVALID', `${file} holds no key of 32 bytes. Restore it, or set KAIT_SECRETS_KEY.`);
}
