import { expect, it } from 'vitest';
import { keysInUrl, urlWithoutKeys } from '../../../activities/outbound/keys-in-url.ts';

it.each([
  ['https://hooks.example/services/T024BE7LD/abcdefghijklmnopqrstuvwx', ['T024BE7LD', 'abcdefghijklmnopqrstuvwx']],
  ['https://hooks.example/v1/hook?mode=live&token=tok%2F4711', ['live', 'tok/4711']],
  ['https://hooks.example/hook?key-4711-0815', ['', 'key-4711-0815']],
  ['https://hooks.example/payment-webhooks/v2beta/orders/', []],
])('the keys in %s are %j', (url, keys) => {
  expect(keysInUrl(url)).toEqual(keys);
});

it.each([
  ['https://hooks.example/services/T024BE7LD/abcdefghijklmnopqrstuvwx', 'https://hooks.example/services/…/…'],
  ['https://user:pass@hooks.example:8443/v1/hook?mode=live&token=tok%2F4711#top', 'https://hooks.example:8443/v1/hook'],
  ['https://hooks.example', 'https://hooks.example/'],
])('%s is shown as %s', (url, shown) => {
  expect(urlWithoutKeys(url)).toBe(shown);
});
