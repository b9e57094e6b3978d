import { expect, it } from 'vitest';
import { KaitError } from '../../../errors.ts';
import { fieldReferencesIn, withVariables } from '../../../server/gateway/from-environment.ts';
import { readSources } from '../../../server/gateway/sources.ts';
import { presetWith } from './gateways.ts';

const setting = { about: 'the id, shown beside the secret', sample: 'W-1' };
const presets = new Map([['acme', presetWith({ settings: { shop: { ...setting, optional: true } } })]]);

const from = (variable: string) => ({ env: variable });

function read(fields: object, variables: Record<string, string> = {}, isComplete = true) {
  const sourcesText = JSON.stringify({ shop: { gateway: 'acme', secrets: ['ONE'], ...fields } });
  const lookup = (name: string) => {
    if (name === 'UNREADABLE') throw new KaitError('KAIT_CONFIG_INVALID', 'UNREADABLE_FILE names no file');
    return variables[name];
  };
  const environment = { lookup, isComplete };
  return readSources({ presets, sourcesText, file: 's.json', environment }).get('shop');
}

it.each<[string, string, unknown]>([
  ['environment', 'sandbox', 'sandbox'],
  ['apiUrl', 'https://api.acme.example', 'https://api.acme.example'],
  ['publicUrl', 'https://hooks.shop.example/in/shop', 'https://hooks.shop.example/in/shop'],
  ['test', 'true', true],
  ['confirm', 'false', false],
  ['allowFrom', '192.0.2.0/24, 2001:db8::1', ['192.0.2.0/24', '2001:db8::1']],
])('takes %s from the environment: %j', (field, text, value) => {
  expect(read({ [field]: from('GIVEN') }, { GIVEN: text })).toMatchObject({ [field]: value });
});

it('takes a setting of the preset from the environment', () => {
  expect(read({ settings: { shop: from('GIVEN') } }, { GIVEN: 'S-1' })?.settings).toEqual({ shop: 'S-1' });
});

it.each([
  ['is not set', {}],
  ['is empty', { GIVEN: '' }],
])('takes the default if the variable %s', (_what, variables) => {
  const fields = { environment: { env: 'GIVEN', default: 'sandbox' } };
  expect(read(fields, variables)).toMatchObject({ environment: 'sandbox', test: true });
});

it.each<[string, object, string]>([
  ['environment', { GIVEN: 'prod' }, 'GIVEN is "prod", but must be live or sandbox'],
  ['environment', {}, 'GIVEN is not set: set it to live or sandbox, or give it a "default" here'],
  ['test', { GIVEN: 'yes' }, 'GIVEN is "yes", but must be true or false'],
  ['apiUrl', { GIVEN: 'acme' }, 'GIVEN is "acme", but must be a URL such as https://api.gateway.example'],
  [
    'allowFrom',
    { GIVEN: '192.0.2.0/99' },
    'GIVEN is "192.0.2.0/99", but must be networks such as 10.0.0.0/8, or "documented", separated by commas',
  ],
  ['apiUrl', { GIVEN: 'whsec_MfKQ9r8GKYqrTwjU' }, 'GIVEN must be a URL such as https://api.gateway.example'],
])('says where %s is wrong, and what to do: %j', (field, variables, problem) => {
  expect(() => read({ [field]: from('GIVEN') }, variables as Record<string, string>)).toThrow(
    `shop.${field}: ${problem}`,
  );
});

it.each<[object, string]>([
  [from('UNREADABLE'), 'UNREADABLE_FILE names no file'],
  [from('KAIT_ADMIN_TOKEN'), 'env: expected a variable for this gateway alone: one of Kait’s own is for no gateway'],
  [from('given'), 'env: expected the name of an environment variable, never the secret itself'],
  [{ env: 'GIVEN', defualt: 'live' }, 'Unrecognized key: "defualt"'],
  [{ env: 'GIVEN', default: 'prod' }, 'default: Invalid option: expected one of "live"|"sandbox"'],
])('refuses %j', (environment, problem) => {
  expect(() => read({ environment })).toThrow(problem);
});

it('needs no variables where the file is only checked', () => {
  const fields = { environment: from('A'), apiUrl: from('B'), test: from('C'), allowFrom: from('D') };
  expect(read(fields, {}, false)).toMatchObject({ environment: 'live', test: false });
});

const text = `{
  // Comments are allowed.
  "shop": { "gateway": "acme", "environment": { "env": "A" }, "settings": { "shop": { "env": "B" }, "other": "x" } },
  "plain": { "gateway": "acme" },
}`;

it('names the fields that get their values from variables', () => {
  expect(fieldReferencesIn(text)).toEqual(
    new Map([
      [
        'shop',
        [
          { field: 'environment', variable: 'A' },
          { field: 'settings.shop', variable: 'B' },
        ],
      ],
      ['plain', []],
    ]),
  );
  expect(fieldReferencesIn('[')).toEqual(new Map());
});

it('tells that a variable of the file has changed', () => {
  const reading = (value: string) => withVariables(text, (name) => ({ A: value })[name]);
  expect(reading('live')).toBe(reading('live'));
  expect(reading('live')).not.toBe(reading('sandbox'));
});
