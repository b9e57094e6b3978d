import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KaitError } from '../../errors.ts';
import { newSecretKey, parseSecretKeys, type SecretKeys } from '../../storage/secret-keys.ts';

/**
 * The keys of a Kait that has everything in one folder: in `<home>/secrets-key`, which only its owner may read, made at the first start. The caller
 * has the folder to itself. Throws `KAIT_CONFIG_INVALID` if the file holds something else.
 */
export async function homeSecretKeys(home: string): Promise<SecretKeys> {
  const found = await readHomeSecretKeys(home);
  if (found !== null) return found;
  await mkdir(home, { recursive: true });
  await writeKeys(home, [newSecretKey()]);
  return homeSecretKeys(home);
}

/** As `homeSecretKeys`, but makes none. Null: there is no such file. */
export async function readHomeSecretKeys(home: string): Promise<SecretKeys | null> {
  const file = keyFile(home);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const keys = parseSecretKeys(text);
  if (keys !== null) return keys;
  throw new KaitError('KAIT_CONFIG_INVALID', `${file} holds no key of 32 bytes. Restore it, or set KAIT_SECRETS_KEY.`);
}

/**
 * Replaces the key of a Kait that has everything in one folder, while it runs. `reseal` seals all secrets with the current key. Wherever the process
 * dies, the file holds every key that something is sealed with: the new one joins it before it is used, and the old ones leave it when nothing is
 * sealed with them. `keys` is what the whole process uses; old keys stay in it, for attempts that have read a row before.
 */
export function createHomeKeyRotation(
  home: string,
  keys: SecretKeys,
  settle: () => Promise<unknown> = () => delay(settleMs),
): (reseal: () => Promise<unknown>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();

  async function rotate(reseal: () => Promise<unknown>): Promise<void> {
    const text = newSecretKey();
    const fresh = parseSecretKeys(text)?.current;
    if (fresh === undefined) throw new Error('A new key was not readable');
    const old = [keys.current, ...[...keys.all.values()].filter(({ id }) => id !== keys.current.id)];
    await writeKeys(home, [text, ...old.map(({ bytes }) => Buffer.from(bytes).toString('hex'))]);
    keys.all = new Map([fresh, ...old].map((key) => [key.id, key]));
    keys.current = fresh;
    await reseal();
    await settle(); // What was sealed a moment before and was not committed then.
    await reseal();
    await writeKeys(home, [text]);
  }

  // Two at once would each drop the other's key.
  return (reseal) => {
    const next = last.catch(() => undefined).then(() => rotate(reseal));
    last = next;
    return next;
  };
}

const settleMs = 2_000;

export function keyFile(home: string): string {
  return join(home, 'secrets-key');
}

/** A process or a machine that dies in between leaves the old file or the new one. */
async function writeKeys(home: string, keys: readonly string[]): Promise<void> {
  const file = keyFile(home);
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(`${keys.join('\n')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
