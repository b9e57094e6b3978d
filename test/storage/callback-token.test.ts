import { describe, expect, it } from 'vitest';
import { linkToken, readLinkToken } from '../../storage/approvals/link-token.ts';
import { callbackToken, readCallbackToken } from '../../storage/callback-token.ts';
import { sampleInstallation } from '../server/sample-installation.ts';

const installation = sampleInstallation();
const callback = { delivery: 'dlv_1', expiresAt: 1_800_000_000 };
const token = callbackToken(installation, callback);
const [text = '', signature = ''] = token.split('.');

describe('a callback token', () => {
  it('says which delivery it is for and when it expires, the same each time', () => {
    expect(readCallbackToken(installation, token)).toEqual(callback);
    expect(callbackToken(installation, callback)).toBe(token);
  });

  it('has only characters that need no escaping in a URL', () => {
    expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/);
  });

  it.each([
    ['nothing', ''],
    ['a full stop', '.'],
    ['no signature', text],
    ['an empty signature', `${text}.`],
    ['an empty content', `.${signature}`],
    ['a shorter signature', `${text}.${signature.slice(0, -1)}`],
    ['a third part', `${token}.`],
    ['another content', `${text}A.${signature}`],
    ['another delivery', `${Buffer.from('["dlv_2",1800000000]').toString('base64url')}.${signature}`],
    ['a later time', `${Buffer.from('["dlv_1",1900000000]').toString('base64url')}.${signature}`],
    ['a text of 5,000 characters', `${'A'.repeat(5_000)}.${signature}`],
    ['characters of other scripts', `${text}.${'é'.repeat(43)}`],
    ['a token of another installation', callbackToken(sampleInstallation('kait-other'), callback)],
    ['a token by another key', callbackToken({ ...installation, sealKey: new Uint8Array(32).fill(1) }, callback)],
    [
      'the token of a link in a mail',
      linkToken(installation, { request: 'dlv_1', round: 0, person: 'a', expiresAt: 1 }),
    ],
  ])('is not %s', (_what, wrong) => {
    expect(readCallbackToken(installation, wrong)).toBeUndefined();
  });

  it('does not open an approval', () => {
    expect(readLinkToken(installation, token, 0)).toBeNull();
  });
});
