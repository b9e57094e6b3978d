import { describe, expect, it } from 'vitest';
import type { Json } from '../../language/json.ts';
import {
  type DeclaredSetting,
  looksLikeSecret,
  settingsIn,
  type SettingType,
  settingVariable,
  soundsLikeSecret,
} from '../../language/project-settings.ts';

function read(declared: Record<string, DeclaredSetting>, variables: Record<string, string> = {}, isComplete = true) {
  const { settings, problems } = settingsIn(new Map(Object.entries(declared)), variables, { isComplete });
  return { values: settings.values, problems };
}

it.each([
  ['shopUrl', 'KAIT_SETTING_SHOP_URL'],
  ['shopURL', 'KAIT_SETTING_SHOP_URL'],
  ['shopURLBase', 'KAIT_SETTING_SHOP_URL_BASE'],
  ['retries', 'KAIT_SETTING_RETRIES'],
  ['warehouse2Url', 'KAIT_SETTING_WAREHOUSE2_URL'],
])('gives %s another value by the variable %s', (name, variable) => {
  expect(settingVariable(name)).toBe(variable);
});

it('takes the default of a setting without a variable', () => {
  expect(read({ retries: { type: 'integer', default: 3 } })).toEqual({ values: { retries: 3 }, problems: [] });
});

it.each<[SettingType, string, Json]>([
  ['text', ' as it is ', ' as it is '],
  ['number', '-2.5', -2.5],
  ['integer', '250000', 250000],
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['url', 'https://shop.example/api/', 'https://shop.example/api'],
  ['url', 'http://10.0.0.5:8080', 'http://10.0.0.5:8080'],
  ['list', 'north, south', ['north', 'south']],
])('reads a variable of type %s: %j', (type, text, value) => {
  expect(read({ x: { type } }, { KAIT_SETTING_X: text })).toEqual({ values: { x: value }, problems: [] });
});

it.each<[SettingType, string]>([
  ['number', '1,5'],
  ['number', '1e3'],
  ['number', ' 1'],
  ['number', '0x10'],
  ['integer', '2.5'],
  ['integer', '9007199254740993'],
  ['boolean', 'yes'],
  ['boolean', 'True'],
  ['url', 'shop.example.com'],
  ['url', 'ftp://shop.example.com'],
  ['url', 'https://shop.example.com/?a=1'],
  ['url', 'https://shop.example.com/#a'],
  ['url', 'https://shop.example.com/{{event.id}}'],
  ['url', 'https://user@shop.example.com'],
  ['url', 'https://shop.example.com\\@evil.example/'],
  ['url', 'https://shop example.com'],
])('refuses a variable of another type: %s is not %j', (type, text) => {
  const { problems, values } = read({ x: { type } }, { KAIT_SETTING_X: text });
  expect(values).toEqual({});
  expect(problems).toEqual([expect.stringMatching(/^KAIT_SETTING_X is ".+", but must be .+\.$/)]);
});

it('says what to do about a variable that names no setting', () => {
  const declared = { shopUrl: { type: 'url', default: 'https://shop.example' } } as const;
  expect(read(declared, { KAIT_SETTING_SHOPURL: 'x', KAIT_SETTING_OTHER_THING: 'y' }).problems).toEqual([
    'KAIT_SETTING_SHOPURL names no setting. Did you mean "KAIT_SETTING_SHOP_URL"?',
    'KAIT_SETTING_OTHER_THING names no setting. Remove the variable, or declare the setting in definitions/settings.json. A secret is named KAIT_SECRET_….',
  ]);
});

describe('a setting without a default and a variable', () => {
  const declared = { shopUrl: { type: 'url' } } as const;

  it('keeps Kait from starting', () => {
    expect(read(declared)).toEqual({
      values: {},
      problems: [
        'KAIT_SETTING_SHOP_URL is not set, and the setting "shopUrl" has no default. Set it to a URL such as https://shop.example.com/api, with neither a user nor a query.',
      ],
    });
  });

  it('is no mistake where definitions are only checked', () => {
    expect(read(declared, {}, false)).toEqual({ values: {}, problems: [] });
  });
});

it('limits the size of all values together, because runs carry them', () => {
  const declared = Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e'].map((name) => [name, { type: 'text', default: 'x'.repeat(4_000) }] as const),
  );
  expect(read(declared).problems).toEqual(['All settings together have 20036 characters. At most 16384 are allowed.']);
});

it.each([
  'sk_live_51HxYzAbCdEf',
  'whsec_MfKQ9r8GKYqrTwjUPD8I',
  'SB-Mid-server-abc123',
  'xnd_development_O46JfOtygef9kMNsK',
  'AKIAIOSFODNN7EXAMPLE',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln',
  '-----BEGIN RSA PRIVATE KEY-----',
  'Bearer abcdefgh12345678',
  'https://user:hunter22@shop.example/',
])('knows a secret by its form and shows nothing of it: %s', (value) => {
  expect(looksLikeSecret(value)).toBe(true);
  const { problems } = read({ x: { type: 'text' } }, { KAIT_SETTING_X: value });
  expect(problems).toEqual([
    'KAIT_SETTING_X looks like a secret, which histories would keep. Name the variable KAIT_SECRET_…, and use it as {"secret": "KAIT_SECRET_…"} in a header.',
  ]);
});

it.each<[Json]>([['https://shop.example:8443/api'], ['Toko Sari'], [['north', 'south']], [250_000], [true]])(
  'takes an ordinary value for no secret: %j',
  (value) => {
    expect(looksLikeSecret(value)).toBe(false);
  },
);

it.each([
  ['shopToken', true],
  ['apiKey', true],
  ['smtpPassword', true],
  ['clientSecret', true],
  ['tokenUrl', false],
  ['shopUrl', false],
  ['keyboard', false],
  ['publicKey', false],
])('judges by the name alone that %s is a secret: %s', (name, expected) => {
  expect(soundsLikeSecret(name)).toBe(expected);
});
