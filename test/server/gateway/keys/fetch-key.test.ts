import { MockAgent } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchKeyText, KeyGoneError } from '../../../../server/gateway/keys/fetch-key.ts';

const origin = 'https://api.paypal.com';
const path = '/v1/notifications/certs/CERT-1';
let agent: MockAgent;

beforeEach(() => {
  agent = new MockAgent();
  agent.disableNetConnect();
});
afterEach(() => agent.close());

const fetched = () => fetchKeyText(`${origin}${path}`, agent);

it('resolves to the text of the key', async () => {
  agent.get(origin).intercept({ path }).reply(200, 'key');
  expect(await fetched()).toBe('key');
});

it('follows no redirect, and accepts no answer larger than a key', async () => {
  const headers = { location: 'https://evil.example/key' };
  agent.get(origin).intercept({ path }).reply(302, '', { headers });
  await expect(fetched()).rejects.toThrow('the key was answered with 302');
  agent
    .get(origin)
    .intercept({ path })
    .reply(200, 'k'.repeat(64 * 1024 + 1));
  await expect(fetched()).rejects.toThrow('the key is larger than 65536 bytes');
});

it.each([[404], [410]])('tells by a %i that the key is gone', async (status) => {
  agent.get(origin).intercept({ path }).reply(status, '');
  await expect(fetched()).rejects.toThrow(KeyGoneError);
});

it('tells by a 500 nothing about the key', async () => {
  agent.get(origin).intercept({ path }).reply(500, '');
  await expect(fetched()).rejects.not.toBeInstanceOf(KeyGoneError);
});
