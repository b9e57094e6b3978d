import { expect, it } from 'vitest';
import { describeSource, setupText } from '../../../cli/sources/described-source.ts';
import { KaitError } from '../../../errors.ts';
import { fieldReferencesIn } from '../../../server/gateway/from-environment.ts';
import { readSources } from '../../../server/gateway/sources.ts';
import { shippedPresets } from '../../server/gateway/gateways.ts';

const presets = await shippedPresets();
const sourcesText = JSON.stringify({ shop: { gateway: 'stripe', secrets: ['GOOD', 'BLANK', 'CUT', 'GONE'] } });
const entries = readSources({ presets, sourcesText, file: 'sources.json' });

function lookupSecret(name: string): string | undefined {
  if (name === 'CUT') throw new KaitError('KAIT_CONFIG_INVALID', 'CUT has a # in line 3 of .env');
  return { GOOD: 'whsec_good', BLANK: 'whsec_blank ' }[name];
}

const described = describeSource({ presets, entries }, 'shop', { publicUrl: 'https://x.example', lookupSecret });

it('names the secrets that are missing, unusable or copied wrongly', () => {
  expect(described.missing).toEqual(['GONE']);
  expect(described.faults).toEqual([
    { variable: 'BLANK', fault: 'ends with a blank or a line break' },
    { variable: 'CUT', fault: 'cannot be used. CUT has a # in line 3 of .env' },
  ]);
});

it('prints them, and none of the secrets', () => {
  const text = setupText(described);

  expect(text).toContain('GOOD is set');
  expect(text).toContain('BLANK ends with a blank or a line break');
  expect(text).not.toContain('BLANK is set');
  expect(text).toContain('CUT cannot be used. CUT has a # in line 3 of .env');
  expect(text).not.toMatch(/whsec_(?:good|blank)/);
});

/** What `kait sources show` prints about a source without secrets. */
function textOf(gateway: string, settings: object = {}): string {
  const text = JSON.stringify({ shop: { gateway, secrets: ['GOOD'], ...settings } });
  const shop = readSources({ presets, sourcesText: text, file: 'sources.json' });
  return setupText(
    describeSource({ presets, entries: shop }, 'shop', { publicUrl: 'https://x.example', lookupSecret }),
  );
}

it('says what the API key adds for a gateway whose events lack something, and which variable holds it', () => {
  expect(textOf('gocardless')).toContain(
    'API key\n  – SHOP_API_KEY is not set, so events stay as they are sent. With it, Kait asks GoCardless for what they lack\n',
  );
});

it.each([
  ['the source names its variable', 'gocardless', { apiKey: 'GOOD' }],
  ['events lack nothing', 'shopify', {}],
])('leaves the API key to other lines if %s', (_what, gateway, settings) => {
  expect(textOf(gateway, settings)).not.toContain('API key\n');
});

it.each([
  ['ignored by default', {}, 'Test events  are stored and ignored; "test": true lets them start runs'],
  ['wanted in a sandbox', { environment: 'sandbox' }, 'Test events  start runs, as live ones do'],
  ['wanted if the source says so', { test: true }, 'Test events  start runs, as live ones do'],
])('says that test events are %s', (_what, settings, line) => {
  expect(textOf('stripe', settings)).toContain(line);
});

const cannotConfirm = [...presets.values()].filter(
  ({ needs, declared }) =>
    needs === 'secrets' &&
    declared.unsigned.length > 0 &&
    declared.confirm === undefined &&
    declared.fetch === undefined &&
    Object.values(declared.settings).every(({ optional }) => optional),
);

it.each(cannotConfirm.map(({ name }) => name))(
  'does not advise a source of %s to confirm, which it cannot',
  (gateway) => {
    expect(textOf(gateway)).toContain('Not signed');
    expect(textOf(gateway)).not.toContain('confirm');
  },
);

it('shows which fields come from the environment, and the values that count', () => {
  const text = JSON.stringify({
    shop: {
      gateway: 'stripe',
      secrets: ['GOOD'],
      environment: { env: 'SHOP_ENVIRONMENT', default: 'live' },
      apiUrl: { env: 'SHOP_API', default: 'https://api.shop.example' },
    },
  });
  const lookup = (name: string) => ({ GOOD: 'whsec_good', SHOP_ENVIRONMENT: 'sandbox' })[name];
  const environment = { lookup, isComplete: true };
  const shop = readSources({ presets, sourcesText: text, file: 'sources.json', environment });
  const file = { presets, entries: shop, references: fieldReferencesIn(text) };
  expect(setupText(describeSource(file, 'shop', { publicUrl: 'https://x.example', lookupSecret: lookup }))).toContain(
    [
      'From the environment',
      '  environment is sandbox (SHOP_ENVIRONMENT)',
      '  apiUrl is https://api.shop.example (the default: SHOP_API is not set)',
    ].join('\n'),
  );
});
