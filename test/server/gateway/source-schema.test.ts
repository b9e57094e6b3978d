import { describe, expect, it } from 'vitest';
import { formatMistakes, readJsonText } from '../../../language/json-file.ts';
import { createSourcesSchema } from '../../../server/gateway/source-schema.ts';
import { mountSources, noEnvironment } from '../../../server/gateway/sources.ts';
import { presetWith } from './gateways.ts';

const setting = { about: 'the id, shown beside the secret', sample: 'W-1' };
const keyId = { scheme: 'token', from: 'header:x-token', keyId: 'header:x-key' };
const fetched = {
  scheme: 'asymmetric',
  algorithm: 'rsa-sha256',
  signature: { from: 'header:x-sig', encoding: 'base64' },
  signed: '{body}',
  key: { fetch: { from: 'header:x-url', hosts: ['certs.acme.example'], path: '/' } },
};
const api = { live: 'https://api.acme.example' };
const presets = new Map([
  ['plain', presetWith({})],
  ['settled', presetWith({ settings: { webhookId: setting, region: { ...setting, optional: true } } })],
  ['keyed', presetWith({ verify: { any: [keyId] } })],
  ['fetching', presetWith({ verify: { any: [fetched] } })],
  ['open', presetWith({ verify: { any: [{ scheme: 'none' }] }, fetch: { api, request: { url: '{api}/{json:/id}' } } })],
  ['completed', presetWith({ fetch: { api, into: '/thing', request: { url: '{api}/{json:/id}' } } })],
  ['placed', presetWith({ addresses: { live: ['192.0.2.0/24', '2001:db8::1'] } })],
]);

/** The mistakes, as `line:column message`, in sources that JSON.stringify laid out. */
function mistakesIn(sources: unknown): string[] {
  const { mistakes } = readJsonText(
    createSourcesSchema(presets, noEnvironment),
    JSON.stringify(sources, null, 2),
    's.json',
  );
  return formatMistakes(mistakes)
    .split('\n')
    .map((line) => line.replace(/^s\.json:/, ''));
}

const mistakesOf = (entry: Record<string, unknown>) => mistakesIn({ a: { secrets: ['ONE'], ...entry } });

describe('a source', () => {
  it.each([
    ...['DATABASE_URL', 'DATABASE_URL_FILE', 'PGPASSWORD', 'SMTP_URL', 'TEMPORAL_API_KEY', 'KAIT_ADMIN_TOKEN'],
    ...['KAIT_SECRET_SHOP', 'KAIT_SECRET_SHOP_FILE'],
  ])('cannot have %s sent to its gateway', (name) => {
    const why = 'expected a variable for this gateway alone: one of Kait’s own is for no gateway';
    expect(mistakesIn({ a: { gateway: 'open', pathSecret: 'ONE', apiKey: name } })).toEqual([`5:15  a.apiKey: ${why}`]);
    expect(mistakesIn({ a: { gateway: 'plain', secrets: [name] } })).toEqual([`5:7  a.secrets.0: ${why}`]);
  });

  it.each([
    ['temporal', 'TEMPORAL_API_KEY'],
    ['kait-secret-shop', 'KAIT_SECRET_SHOP_API_KEY'],
  ])('named %s has no default for its API key, which would be one of Kait’s own', (name, variable) => {
    expect(mistakesIn({ [name]: { gateway: 'completed', secrets: ['ONE'] } })).toEqual([
      expect.stringMatching(
        new RegExp(`${name}\\.apiKey: its default for "${name}" would be ${variable}, which is one of Kait’s own`),
      ),
    ]);
    expect(mistakesIn({ [name]: { gateway: 'completed', secrets: ['ONE'], apiKey: 'TWO' } })).toEqual(['']);
    expect(mistakesIn({ [name]: { gateway: 'plain', secrets: ['ONE'] } })).toEqual(['']);
  });

  it.each(['PGW_KEY', 'MY_DATABASE_URL', 'KAITO_KEY', 'STRIPE_WEBHOOK_SECRET'])('may name %s', (name) => {
    expect(mistakesIn({ a: { gateway: 'plain', secrets: [name] } })).toEqual(['']);
  });

  it.each([
    [
      'a setting missing',
      { gateway: 'settled' },
      ['2:8  a.settings: Test gateway needs the setting "webhookId": the id, shown beside the secret'],
    ],
    [
      'a setting of another gateway',
      { gateway: 'settled', settings: { webhookId: 'W-1', regoin: 'eu' } },
      ['9:17  a.settings.regoin: "regoin" is not a setting of this gateway. Did you mean "region"?'],
    ],
    [
      'a setting that its gateway does not have',
      { gateway: 'plain', settings: { publicUrl: 'https://x.example' } },
      ['8:20  a.settings.publicUrl: "publicUrl" is not a setting of this gateway.'],
    ],
    [
      'an empty setting',
      { gateway: 'settled', settings: { webhookId: '' } },
      [expect.stringMatching(/^8:20 {2}a\.settings\.webhookId: /)],
    ],
    ['no secret', { gateway: 'plain', secrets: [] }, ['3:16  a.secrets: Test gateway needs a secret: the token']],
    [
      'nine secrets',
      { gateway: 'plain', secrets: Array(9).fill('ONE') },
      [expect.stringMatching(/^3:16 {2}a\.secrets: /)],
    ],
    [
      'secrets instead of a keyring',
      { gateway: 'keyed' },
      ['2:8  a.keyring: Test gateway names its keys: expected a variable for each key id'],
    ],
    [
      'a guessable URL although nothing is signed',
      { gateway: 'open', secrets: [] },
      [
        '2:8  a.pathSecret: Test gateway signs nothing: expected a variable for a secret in the URL',
        '2:8  a.apiKey: Kait has to ask Test gateway: expected the variable of an API key',
      ],
    ],
    [
      'the value of a path secret',
      { gateway: 'open', pathSecret: 'hunter2', apiKey: 'API_KEY' },
      ['7:19  a.pathSecret: expected the name of an environment variable, never the secret itself'],
    ],
    [
      'a value in its keyring',
      { gateway: 'keyed', keyring: { 'key-1': 'hunter2' } },
      ['8:16  a.keyring.key-1: expected the name of an environment variable, never the secret itself'],
    ],
    [
      'documented addresses that the preset lacks',
      { gateway: 'plain', allowFrom: ['documented'] },
      ['7:18  a.allowFrom: the preset has no addresses of Test gateway for live'],
    ],
    [
      'documented addresses of another environment',
      { gateway: 'placed', allowFrom: ['documented'], environment: 'sandbox' },
      ['7:18  a.allowFrom: the preset has no addresses of Test gateway for sandbox'],
    ],
    [
      'a malformed address',
      { gateway: 'plain', allowFrom: ['10.0.0'] },
      [expect.stringMatching(/^8:7 {2}a\.allowFrom\.0: /)],
    ],
    [
      'a malformed network',
      { gateway: 'plain', allowFrom: ['10.0.0.0/33'] },
      [expect.stringMatching(/^8:7 {2}a\.allowFrom\.0: /)],
    ],
    ['no address at all', { gateway: 'plain', allowFrom: [] }, [expect.stringMatching(/^7:18 {2}a\.allowFrom: /)]],
    [
      'a path that is the receiver’s own',
      { gateway: 'plain', paths: ['/in/other', '/healthz', '/approve/x', '/callback/x'] },
      [
        '8:7  a.paths.0: expected a path such as /v1.0/debit/notify, without // and without a slash at the end: requests with them arrive too',
        '9:7  a.paths.1: expected a path such as /v1.0/debit/notify, without // and without a slash at the end: requests with them arrive too',
        '10:7  a.paths.2: expected a path such as /v1.0/debit/notify, without // and without a slash at the end: requests with them arrive too',
        '11:7  a.paths.3: expected a path such as /v1.0/debit/notify, without // and without a slash at the end: requests with them arrive too',
      ],
    ],
    [
      'a path with a query',
      { gateway: 'plain', paths: ['/a?b'] },
      [
        '8:7  a.paths.0: expected a path such as /v1.0/debit/notify, without // and without a slash at the end: requests with them arrive too',
      ],
    ],
    [
      'no address of its own',
      { gateway: 'plain', publicUrl: 'hooks.example.id' },
      [expect.stringMatching(/^7:18 {2}a\.publicUrl: /)],
    ],
    [
      'no tolerance',
      { gateway: 'plain', toleranceSeconds: 0 },
      [expect.stringMatching(/^7:25 {2}a\.toleranceSeconds: /)],
    ],
    [
      'a rate of zero',
      { gateway: 'plain', rateLimit: { perSecond: 0, burst: 1 } },
      [expect.stringMatching(/^8:20 {2}a\.rateLimit\.perSecond: /)],
    ],
    [
      'a malformed header name',
      { gateway: 'plain', keepHeaders: ['x y'] },
      ['8:7  a.keepHeaders.0: expected the name of a header'],
    ],
  ])('with %s is not accepted, and the mistake is located', (_what, entry, expected) => {
    expect(mistakesOf(entry)).toEqual(expected);
  });

  it.each([
    ['plain', {}],
    ['settled', { settings: { webhookId: 'W-1' } }],
    ['keyed', { secrets: [], keyring: { 'key-1': 'ONE' } }],
    ['fetching', { secrets: [] }],
    ['open', { secrets: [], pathSecret: 'ONE', apiKey: 'KEY' }],
    ['placed', { allowFrom: ['documented', '198.51.100.7', '2001:db8::/32'] }],
  ])('of the gateway %s is accepted with everything that it needs', (gateway, entry) => {
    expect(mistakesOf({ gateway, ...entry })).toEqual(['']);
  });

  it('cannot have a path of another source', () => {
    const paths = ['/v1.0/debit/notify'];
    const sources = {
      a: { gateway: 'plain', secrets: ['ONE'], paths },
      b: { gateway: 'plain', secrets: ['ONE'], paths },
    };

    expect(mistakesIn(sources)).toEqual(['17:7  b.paths.0: /v1.0/debit/notify already belongs to "a"']);
  });
});

describe('a mounted source', () => {
  const mount = (entry: Record<string, unknown>) => {
    const sourcesText = JSON.stringify({ toko: { secrets: ['ONE'], ...entry } });
    const lookupSecret = (name: string) => `value of ${name}`;
    return mountSources({
      presets,
      sourcesText,
      file: 's.json',
      lookupSecret,
      publicUrl: 'https://hooks.example.id',
    }).get('toko')!;
  };

  it('has an address that ends with its secret, escaped', () => {
    const { settings, pathSecrets } = mount({ gateway: 'open', pathSecret: 'TWO', apiKey: 'KEY' });

    expect(pathSecrets).toEqual(['value of TWO']);
    expect(settings).toEqual({ publicUrl: 'https://hooks.example.id/in/toko/value%20of%20TWO' });
  });

  it('has the path of its own publicUrl', () => {
    const { settings } = mount({
      gateway: 'plain',
      publicUrl: 'https://toko.example/v1.0/debit/notify?x=1',
      toleranceSeconds: 60,
    });

    expect(settings).toEqual({
      publicUrl: 'https://toko.example/v1.0/debit/notify?x=1',
      publicPath: '/v1.0/debit/notify',
      toleranceSeconds: '60',
    });
  });

  it('has its keyring, its addresses and what it keeps', () => {
    const keyed = mount({ gateway: 'keyed', keyring: { 'key-1': 'A', 'key-2': 'B' }, keepHeaders: ['X-Key'] });
    const placed = mount({ gateway: 'placed', allowFrom: ['documented', '198.51.100.7'] });

    expect(keyed.credentials.keyring).toEqual(
      new Map([
        ['key-1', 'value of A'],
        ['key-2', 'value of B'],
      ]),
    );
    expect(keyed.keepHeaders).toEqual(['x-key']);
    expect(placed.allowFrom).toEqual(['192.0.2.0/24', '2001:db8::1', '198.51.100.7']);
  });
});
