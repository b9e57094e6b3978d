import { describe, expect, it } from 'vitest';
import { completesEvents, missingKeyWarning } from '../../../../server/gateway/ask/ask-source.ts';
import { readSources, unconfirmedWarning } from '../../../../server/gateway/sources.ts';
import { presetWith, shippedPresets } from '../gateways.ts';

const presets = await shippedPresets();

function entryOf(entry: object) {
  return readSources({ presets, sourcesText: JSON.stringify({ shop: entry }), file: 'sources.json' }).get('shop')!;
}

const midtrans = { gateway: 'midtrans', secrets: ['MIDTRANS_SERVER_KEY'] };
const xendit = { gateway: 'xendit', secrets: ['XENDIT_CALLBACK_TOKEN'] };
const declared = (gateway: string) => presets.get(gateway)!.declared;

it.each([
  ['a preset that requires it', midtrans, true],
  ['a preset that requires it, turned off', { ...midtrans, confirm: false }, false],
  ['a preset that recommends it', { gateway: 'payu_in', secrets: ['S'] }, false],
  ['a preset that cannot', { gateway: 'stripe', secrets: ['S'] }, false],
])('confirms by default if the preset requires it: %s', (_what, entry, confirms) => {
  expect(entryOf(entry).confirm).toBe(confirms);
});

it('confirms for every shipped preset whose level is required', () => {
  const required = [...presets.values()].filter((preset) => preset.declared.confirm?.level === 'required');
  const unconfirmed = required.filter((preset) => {
    const settings = Object.fromEntries(
      Object.entries(preset.declared.settings).map(([name, { sample }]) => [name, sample]),
    );
    return !entryOf({ gateway: preset.name, secrets: ['S'], settings }).confirm;
  });

  expect(required.length).toBeGreaterThan(5);
  expect(unconfirmed.map(({ name }) => name)).toEqual([]);
});

it('warns of a missing API key, and of what waits for it', () => {
  const warning = (entry: object, gateway: string, key?: string) =>
    missingKeyWarning('shop', entryOf(entry), declared(gateway), () => key);

  expect(warning(xendit, 'xendit')).toBe(
    'Source "shop" has no API key of Xendit: SHOP_API_KEY is not set. Until it is, its runs wait at their first step kait:confirm, for half a day, and then fail.',
  );
  expect(warning({ gateway: 'mollie_classic', pathSecret: 'P', apiKey: 'MOLLIE_KEY' }, 'mollie_classic', '')).toBe(
    'Source "shop" has no API key of Mollie (classic webhooks): MOLLIE_KEY is not set. Until it is, its notices are stored but become no events, and are given up after a day.',
  );
  expect(warning(xendit, 'xendit', 'key')).toBeNull();
  expect(warning({ ...xendit, confirm: false }, 'xendit')).toBeNull();
  expect(warning({ gateway: 'stripe', secrets: ['S'] }, 'stripe')).toBeNull();
});

it('warns of a source that turns off what its preset requires', () => {
  const warning = (entry: object, gateway: string) => unconfirmedWarning('shop', entryOf(entry), declared(gateway));

  expect(warning({ ...xendit, confirm: false }, 'xendit')).toBe(
    'Source "shop" has "confirm": false, so its runs believe what Xendit did not sign. The request carries a token, and nothing is signed. Anybody who has seen one request can forge others.',
  );
  expect(warning(xendit, 'xendit')).toBeNull();
  expect(warning({ gateway: 'stripe', secrets: ['S'] }, 'stripe')).toBeNull();
});

describe('answers are added to events', () => {
  const api = { live: 'https://api.example.com' };
  const request = { url: '{api}/{json:/id}', headers: { authorization: '{key}' } };
  const preset = presetWith({ fetch: { api, into: '/fetched', cases: [{ request }] } });
  const usual = { gateway: 'test_gateway', secrets: ['S'] };
  const entryWith = (change: object) =>
    readSources({
      presets: new Map([['test_gateway', preset]]),
      sourcesText: JSON.stringify({ shop: { ...usual, ...change } }),
      file: 'sources.json',
    }).get('shop')!;
  const completes = (change: object, set: string[], of = preset) =>
    completesEvents('shop', entryWith(change), of.declared, (name) => (set.includes(name) ? 'key' : ''));

  it('if the source names an API key, wherever it is set, or the usual variable is set', () => {
    expect(completes({ apiKey: 'SHOP_KEY' }, [])).toBe(true);
    expect(completes({}, ['SHOP_API_KEY'])).toBe(true);
  });

  it('not without a key or an address, nor for a gateway whose answer is the event', () => {
    const notices = presetWith({ fetch: { api, cases: [{ request }] } });
    expect(completes({}, ['S'])).toBe(false);
    expect(completes({ environment: 'sandbox' }, ['SHOP_API_KEY'])).toBe(false);
    expect(completes({}, ['SHOP_API_KEY'], notices)).toBe(false);
    expect(completes({}, ['SHOP_API_KEY'], presetWith({}))).toBe(false);
  });

  it('and a missing key is worth a warning only if the source names it', () => {
    const warning = (change: object) => missingKeyWarning('shop', entryWith(change), preset.declared, () => '');
    expect(warning({})).toBeNull();
    expect(warning({ apiKey: 'SHOP_KEY' })).toBe(
      'Source "shop" has no API key of Test gateway: SHOP_KEY is not set. Until it is, its events wait for answers for a day, and then start their runs without them.',
    );
  });
});
