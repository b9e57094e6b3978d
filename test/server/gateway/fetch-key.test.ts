import { MockAgent } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeyFetcher } from '../../../server/gateway/fetch-key.ts';

const origin = 'https://api.paypal.com';
const path = '/v1/notifications/certs/CERT-1';
let agent: MockAgent;
let nowMs: number;

beforeEach(() => {
  nowMs = 1_767_225_600_000;
  agent = new MockAgent();
  agent.disableNetConnect();
});
afterEach(() => agent.close());

function fetcher() {
  return createKeyFetcher({ dispatcher: agent, now: () => nowMs });
}

function answer(status: number, body: string, times = 1): void {
  agent.get(origin).intercept({ path }).reply(status, body).times(times);
}

it('fetches a key once for simultaneous requests, and keeps it for a day', async () => {
  answer(200, 'first');
  const fetchKey = fetcher();
  expect(await Promise.all([1, 2, 3].map(() => fetchKey(`${origin}${path}`)))).toEqual(['first', 'first', 'first']);
  nowMs += 24 * 60 * 60 * 1000 - 1;
  expect(await fetchKey(`${origin}${path}`)).toBe('first');
  nowMs += 1;
  answer(200, 'second');
  expect(await fetchKey(`${origin}${path}`)).toBe('second');
});

it('keeps no failure', async () => {
  const fetchKey = fetcher();
  answer(500, 'sorry');
  await expect(fetchKey(`${origin}${path}`)).rejects.toThrow('the key was answered with 500');
  answer(200, 'key');
  expect(await fetchKey(`${origin}${path}`)).toBe('key');
});

it('follows no redirect, and accepts no answer larger than a key', async () => {
  const fetchKey = fetcher();
  agent
    .get(origin)
    .intercept({ path })
    .reply(302, '', { headers: { location: 'https://evil.example/key' } });
  await expect(fetchKey(`${origin}${path}`)).rejects.toThrow('the key was answered with 302');
  answer(200, 'k'.repeat(64 * 1024 + 1));
  await expect(fetchKey(`${origin}${path}`)).rejects.toThrow('the key is larger than 65536 bytes');
});

it('asks for ten unknown keys at once, then for one every two seconds', async () => {
  agent.get(origin).intercept({ path: /CERT-/ }).reply(404, '').times(20);
  const fetchKey = fetcher();
  const ask = (name: number) => fetchKey(`${origin}/v1/notifications/certs/CERT-${name}`);
  const reasons = await Promise.all(
    Array.from({ length: 12 }, (_, name) => ask(name).catch((error: unknown) => (error as Error).message)),
  );
  expect(reasons.filter((reason) => reason === 'the key was answered with 404')).toHaveLength(10);
  expect(reasons.slice(10)).toEqual(['too many keys were asked for', 'too many keys were asked for']);
  nowMs += 2_000;
  await expect(ask(20)).rejects.toThrow('the key was answered with 404');
});
