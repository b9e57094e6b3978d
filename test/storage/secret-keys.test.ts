import { describe, expect, it } from 'vitest';
import { newSecretKey, openText, parseSecretKeys, sealText } from '../../storage/secret-keys.ts';

const hex = '0f'.repeat(32);
const other = 'a1'.repeat(32);
const keysOf = (text: string) => parseSecretKeys(text)!;

describe('a sealed text', () => {
  it('is opened with its key, and is another one each time', () => {
    const keys = keysOf(hex);
    const [one, two] = [sealText(keys, 'endpoint ep_1', 'whsec_x'), sealText(keys, 'endpoint ep_1', 'whsec_x')];
    expect(openText(keys, 'endpoint ep_1', one)).toBe('whsec_x');
    expect(Buffer.from(one.bytes)).not.toEqual(Buffer.from(two.bytes));
    expect(Buffer.from(one.bytes).toString('latin1')).not.toContain('whsec_x');
  });

  it('is opened after a new key was put in front', () => {
    const sealed = sealText(keysOf(hex), 'a', 'text');
    const both = keysOf(`${other},${hex}`);
    expect(openText(both, 'a', sealed)).toBe('text');
    expect(sealText(both, 'a', 'text').keyId).not.toBe(sealed.keyId);
  });

  it('names the key that is missing', () => {
    const sealed = sealText(keysOf(hex), 'endpoint ep_1', 'text');
    expect(() => openText(keysOf(other), 'endpoint ep_1', sealed)).toThrow(
      expect.objectContaining({ code: 'KAIT_SECRETS_KEY_UNKNOWN', message: expect.stringContaining(sealed.keyId) }),
    );
  });

  it.each([
    ['moved to another row', (bytes: Uint8Array) => bytes, 'endpoint ep_2'],
    ['changed', (bytes: Uint8Array) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1), 'endpoint ep_1'],
    ['changed in its tag', (bytes: Uint8Array) => bytes.with(13, bytes[13]! ^ 1), 'endpoint ep_1'],
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, 20), 'endpoint ep_1'],
    ['empty', () => new Uint8Array(), 'endpoint ep_1'],
    ['of another version', (bytes: Uint8Array) => bytes.with(0, 2), 'endpoint ep_1'],
  ])('is refused if it was %s', (_how, damage, about) => {
    const keys = keysOf(hex);
    const { keyId, bytes } = sealText(keys, 'endpoint ep_1', 'text');
    const damaged = { keyId, bytes: damage(new Uint8Array(bytes)) };
    expect(() => openText(keys, about, damaged)).toThrow(expect.objectContaining({ code: 'KAIT_SECRETS_UNREADABLE' }));
  });
});

describe('keys', () => {
  it.each([
    hex,
    hex.toUpperCase(),
    Buffer.from(hex, 'hex').toString('base64'),
    Buffer.from(hex, 'hex').toString('base64url'),
  ])('may be written as %s', (text) => {
    expect(keysOf(text).current).toEqual(keysOf(hex).current);
  });

  it.each(['', ',', 'short', hex.slice(1), `${hex}00`, `${hex},short`, `${hex.slice(2)}zz`])('are not %j', (text) => {
    expect(parseSecretKeys(text)).toBeNull();
  });

  it('may stand on lines, as in a file', () => {
    expect([...keysOf(`${other}\n${hex}\n`).all.keys()]).toHaveLength(2);
  });

  it('are made at random', () => {
    expect(parseSecretKeys(newSecretKey())).not.toBeNull();
    expect(newSecretKey()).not.toBe(newSecretKey());
  });
});
