import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mountSources } from '../../../server/gateway/sources.ts';
import { shippedPresets } from './gateways.ts';

const presets = await shippedPresets();
const environment = new Map([
  ['ONE', 'first-secret'],
  ['TWO', 'second-secret'],
  ['EMPTY', ''],
]);

const known = `Known are ${[...presets.keys()].join(', ')}.`;

function mount(sources: unknown) {
  const sourcesText = typeof sources === 'string' ? sources : JSON.stringify(sources, null, 2);
  return mountSources({
    presets,
    sourcesText,
    file: 'sources.json',
    lookupSecret: (name) => environment.get(name),
    publicUrl: 'https://hooks.example.id',
  });
}

describe('sources', () => {
  it('are mounted with their presets and the values of their secrets', () => {
    const sources = mount({
      $schema: 'x',
      'toko-1': {
        gateway: 'stripe',
        secrets: ['ONE', 'TWO'],
        keepBodies: '30d',
        rateLimit: { perSecond: 0.5, burst: 10 },
      },
      bare: { gateway: 'xendit', secrets: ['ONE'] },
    });

    expect([...sources.keys()]).toEqual(['toko-1', 'bare']);
    expect(sources.get('toko-1')).toEqual({
      name: 'toko-1',
      preset: presets.get('stripe'),
      credentials: {
        secrets: ['first-secret', 'second-secret'],
        keyring: new Map(),
        fetchKey: undefined,
      },
      settings: { publicUrl: 'https://hooks.example.id/in/toko-1' },
      paths: [],
      pathSecrets: null,
      allowFrom: null,
      rateLimit: { perSecond: 0.5, burst: 10 },
      addressRateLimit: null,
      keepBodiesMs: 2_592_000_000,
      keepEventsMs: null,
      keepHeaders: [],
      confirm: false,
      test: false,
      completes: false,
      secretFaults: [],
      reconcileEveryMs: null,
    });
    expect(sources.get('bare')).toMatchObject({ keepBodiesMs: null, rateLimit: null });
  });

  it.each([
    ['in the live environment, by default', {}, false],
    ['in the sandbox', { environment: 'sandbox' }, true],
    ['in the sandbox, if told not to', { environment: 'sandbox', test: false }, false],
    ['in the live environment, if told to', { test: true }, true],
  ])('let test events start runs %s: %o %s', (_when, settings, test) => {
    const sources = mount({ shop: { gateway: 'stripe', secrets: ['ONE'], ...settings } });
    expect(sources.get('shop')?.test).toBe(test);
  });

  it('are shipped for Stripe, Midtrans and Xendit', () => {
    const file = new URL('../../../definitions/sources.json', import.meta.url);
    const sources = mountSources({
      presets,
      sourcesText: readFileSync(file, 'utf8'),
      file: 'sources.json',
      lookupSecret: (name) => `value of ${name}`,
      publicUrl: 'https://hooks.example.id',
    });

    expect(
      [...sources].map(([name, { preset, credentials, confirm }]) => [name, preset.name, credentials.secrets, confirm]),
    ).toEqual([
      ['stripe', 'stripe', ['value of STRIPE_WEBHOOK_SECRET'], false],
      ['midtrans', 'midtrans', ['value of MIDTRANS_SERVER_KEY'], true],
      ['xendit', 'xendit', ['value of XENDIT_CALLBACK_TOKEN'], true],
    ]);
  });

  it('are not mounted without their secrets, and every missing variable is named', () => {
    const sources = {
      a: { gateway: 'stripe', secrets: ['ABSENT', 'ONE'] },
      b: { gateway: 'xendit', secrets: ['EMPTY'] },
    };

    expect(() => mount(sources)).toThrow(
      expect.objectContaining({
        code: 'KAIT_SECRET_MISSING',
        message:
          'Set the secrets that sources.json names as environment variables. Missing or empty: ABSENT (source "a"), EMPTY (source "b").',
      }),
    );
  });

  it('may be called constructor, and are not found under inherited names', () => {
    const sources = mount({ constructor: { gateway: 'stripe', secrets: ['ONE'] } });

    expect(sources.get('constructor')?.name).toBe('constructor');
    expect(sources.get('toString')).toBeUndefined();
    expect(sources.get('__proto__')).toBeUndefined();
  });

  it.each([
    [
      'an unknown gateway',
      { a: { gateway: 'stripee', secrets: ['ONE'] } },
      'sources.json:3:16  a.gateway: unknown preset "stripee". Did you mean "stripe"?',
    ],
    [
      'a gateway far from any',
      { a: { gateway: 'acme', secrets: ['ONE'] } },
      `sources.json:3:16  a.gateway: unknown preset "acme". ${known}`,
    ],
    [
      'a gateway that is a property of every object',
      { a: { gateway: 'constructor', secrets: ['ONE'] } },
      `sources.json:3:16  a.gateway: unknown preset "constructor". ${known}`,
    ],
    [
      'a name that cannot be part of a URL',
      { 'A b': { gateway: 'stripe', secrets: ['ONE'] } },
      'sources.json:2:10  A b: "A b" cannot be a part of a URL: expected up to 63 lower-case letters, digits and -',
    ],
    [
      'the secret itself',
      { a: { gateway: 'stripe', secrets: ['whsec_abc'] } },
      'sources.json:5:7  a.secrets.0: expected the name of an environment variable, never the secret itself',
    ],
    [
      'no duration',
      { a: { gateway: 'stripe', secrets: ['ONE'], keepBodies: '30 days' } },
      'sources.json:7:19  a.keepBodies: expected a duration up to 365d, such as 30d',
    ],
    [
      'too long a duration',
      { a: { gateway: 'stripe', secrets: ['ONE'], keepBodies: '366d' } },
      'sources.json:7:19  a.keepBodies: expected a duration up to 365d, such as 30d',
    ],
    [
      'an unknown field',
      { a: { gateway: 'stripe', secrets: ['ONE'], keepBodys: '1d' } },
      'sources.json:7:5  "keepBodys" is not known here. Did you mean "keepBodies"?',
    ],
  ])('with %s are not accepted', (_what, sources, message) => {
    expect(() => mount(sources)).toThrow(expect.objectContaining({ code: 'KAIT_SOURCES_INVALID', message }));
  });

  it('called __proto__ are reported rather than left out', () => {
    expect(() => mount('{"__proto__": {"gateway": "stripe", "secrets": ["ONE"]}}')).toThrow(
      expect.objectContaining({
        code: 'KAIT_SOURCES_INVALID',
        message: expect.stringMatching(/^sources\.json:1:2 {2}"__proto__" cannot be a name/),
      }),
    );
  });

  it('do not reveal a secret that was written in place of its name', () => {
    const secret = 'whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH';

    expect(() => mount({ a: { gateway: 'stripe', secrets: [secret] } })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    );
  });
});
