import { describe, expect, it } from 'vitest';
import { type LookupSecret, secretsFor } from '../../activities/secrets.ts';
import { readSecretBindings } from '../../language/check/secrets-file.ts';

const text = '{ "KAIT_SECRET_A": { "hosts": ["api.shop.example"] } }';
const { bindings } = readSecretBindings({ file: 'secrets.json', text });

async function read(lookupSecret: LookupSecret, name: string): Promise<string> {
  const secretBindings = () => Promise.resolve(bindings ?? new Map<string, never>());
  const request = { url: new URL('https://api.shop.example/'), definition: 'fulfil' };
  return (await secretsFor({ lookupSecret, secretBindings }, request))(name);
}

describe('secrets for definitions', () => {
  it.each(['DATABASE_URL', 'kait_secret_a', 'KAIT_SECRET_', 'XKAIT_SECRET_A', 'KAIT_SECRET_A\n', 'KAIT_ADMIN_TOKEN'])(
    'do not include %j, which is not even looked up',
    async (name) => {
      const looked: string[] = [];
      const lookup = (asked: string) => {
        looked.push(asked);
        return 'value';
      };
      await expect(read(lookup, name)).rejects.toMatchObject({ type: 'SecretUnavailable' });
      expect(looked).toEqual([]);
    },
  );

  it('are unavailable if they are empty', async () => {
    await expect(read(() => '', 'KAIT_SECRET_A')).rejects.toThrow('KAIT_SECRET_A is not configured');
    expect(await read(() => 'x4711-ab', 'KAIT_SECRET_A')).toBe('x4711-ab');
  });

  it('are not sent if they are so short that an answer could not be searched for them', async () => {
    await expect(read(() => 'x4711-a', 'KAIT_SECRET_A')).rejects.toThrow(
      'KAIT_SECRET_A is so short that Kait could not tell it from ordinary text in an answer. Use at least 8 characters',
    );
  });
});
