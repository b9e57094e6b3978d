import { expect, it } from 'vitest';
import { locateSource, type Located } from '../../../server/receiver/locate-source.ts';

const open: Located = { name: 'stripe', pathSecrets: null };
const hidden: Located = { name: 'mollie', pathSecrets: ['old one', 'new/one'] };
const empty: Located = { name: 'empty', pathSecrets: [''] };
const byName = new Map([open, hidden, empty].map((source) => [source.name, source]));
const byPath = new Map([
  ['/v1.0/debit/notify', open],
  ['/hooks/mollie', hidden],
]);
const sources = { find: (name: string) => byName.get(name), findPath: (path: string) => byPath.get(path) };
const locate = (url: string) => locateSource(sources, url);

it.each([
  ['/in/stripe', open],
  ['/in/stripe?topic=payment&id=/1', open],
  ['/in/stripe#part', open],
  ['http://proxy.example:80/in/stripe?x=1', open],
  ['/v1.0/debit/notify', open],
  ['/v1.0/debit/notify?x', open],
  ['/in/mollie/old%20one', hidden],
  ['/in/mollie/old one', hidden],
  ['/in/mollie/new%2Fone?id=1', hidden],
  ['/hooks/mollie/old%20one', hidden],
  ['/in/stripe/', open],
  ['/in/stripe/?x=1', open],
  ['/in/stripe///', open],
  ['//in/stripe', open],
  ['/in//stripe', open],
  ['//in//stripe//', open],
  ['http://proxy.example//in/stripe/', open],
  ['/v1.0//debit/notify/', open],
  ['/in/mollie/old%20one/', hidden],
  ['/in//mollie//old%20one', hidden],
  ['/in/mollie/new%2Fone/', hidden],
  ['/hooks/mollie//old%20one/', hidden],
])('finds the source at %s', (url, source) => {
  expect(locate(url)).toEqual({ source, rejection: null });
});

it.each([
  '/in/mollie',
  '/in/mollie?secret=old%20one',
  '/in/mollie/Old%20one',
  '/in/mollie/old%20one%20',
  '/in/mollie/old%2520one',
  '/in/mollie/%E0%A4%A',
  '/hooks/mollie',
  '/hooks/mollie/wrong',
  '/in/empty',
  '/in/empty/',
  '/in/empty//',
  '/in/mollie/',
  '/in/mollie//',
  '/in/mollie/old%20one%2F',
  '/in/mollie/new/',
  '/hooks/mollie/',
])('does not find it at %s, because the secret is missing or wrong', (url) => {
  expect(locate(url)).toMatchObject({ rejection: 'wrong-path-secret' });
});

it('never accepts an empty secret', () => {
  expect(locate('/in/empty/%00')).toMatchObject({ rejection: 'wrong-path-secret' });
});

it.each([
  '/in/paypal',
  '/in/STRIPE',
  '/in/%73tripe',
  '/in/constructor',
  '/in/__proto__',
  '/in/stripe/anything',
  '/in/stripe/%E0%A4%A',
  '/v1.0/debit/notify/anything',
  '/in/stripe//anything/',
  '/in/stripe%2F',
  '/in/%2Fstripe',
])('finds no source at %s', (url) => {
  expect(locate(url)).toEqual({ source: null, rejection: 'unknown-source' });
});

it.each(['/', '', '*', '/in', '/in/', '/in//', '//', '/in/a/b/c', '/in/mollie/new/one', '/.//in/stripe', '/elsewhere'])(
  'has nothing mounted at %j',
  (url) => {
    expect(locate(url)).toEqual({ source: null, rejection: 'not-found' });
  },
);

it('reads a path of a hundred thousand slashes in no time', () => {
  expect(locate(`${'/'.repeat(100_000)}in${'/'.repeat(100_000)}stripe`)).toEqual({ source: open, rejection: null });
});
