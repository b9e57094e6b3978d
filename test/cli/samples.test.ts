import { expect, it } from 'vitest';
import { assignAt, webhookToTry } from '../../cli/samples.ts';
import { packagePath } from '../../package-path.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import { mountSources } from '../../server/gateway/sources.ts';

const presets = await loadPresets(packagePath('definitions', 'gateways'));

it('changes one place and leaves the document that it was given', () => {
  const document = { id: 'evt_1', data: { object: { amount: 1, currency: 'idr' } } };
  expect(assignAt(document, ['data', 'object', 'amount'], 5_000)).toEqual({
    id: 'evt_1',
    data: { object: { amount: 5_000, currency: 'idr' } },
  });
  expect(document.data.object.amount).toBe(1);
});

it('keeps the order of the members', () => {
  expect(JSON.stringify(assignAt({ b: 1, a: 2 }, ['b'], 3))).toBe('{"b":3,"a":2}');
});

it('makes the objects that are missing on the way', () => {
  expect(assignAt({ note: null }, ['note', 'text', 'en'], 'hello')).toEqual({ note: { text: { en: 'hello' } } });
});

it('replaces an item of an array, and adds one at its end', () => {
  expect(assignAt({ items: [{ id: 1 }, { id: 2 }] }, ['items', '1', 'id'], 9)).toEqual({
    items: [{ id: 1 }, { id: 9 }],
  });
  expect(assignAt([1, 2], ['2'], 3)).toEqual([1, 2, 3]);
});

it.each([['-1'], ['4'], ['1.5'], ['length']])('leaves an array as it is at position %s', (position) => {
  expect(assignAt([1, 2, 3], [position], 'x')).toEqual([1, 2, 3]);
});

it('makes a member of its own of a name that every object answers to', () => {
  const changed = assignAt({}, ['__proto__', 'admin'], true) as object;
  expect(Object.keys(changed)).toEqual(['__proto__']);
  expect('admin' in {}).toBe(false);
  expect(assignAt({}, ['constructor', 'name'], 'x')).toEqual({ constructor: { name: 'x' } });
});

it.each([
  ['midtrans card.settlement', { midtrans: { gateway: 'midtrans', secrets: ['KEY'] } }],
  ['cards payment_intent.succeeded', { cards: { gateway: 'stripe', secrets: ['KEY'] } }],
  [
    undefined,
    {
      paypal: { gateway: 'paypal', settings: { webhookId: '8PT5' } },
      mollie: { gateway: 'mollie_classic', pathSecret: 'KEY', apiKey: 'KEY' },
    },
  ],
  [undefined, { paypal: { gateway: 'paypal', settings: { webhookId: '8PT5' } } }],
  [undefined, {}],
])('says with which webhook to try the sources: %s', async (webhook, sources) => {
  const [sourcesText, file] = [JSON.stringify(sources), 'sources.json'];
  const mounted = mountSources({
    presets,
    sourcesText,
    file,
    lookupSecret: () => 'secret',
    publicUrl: 'http://kait.test',
  });
  expect(await webhookToTry([...mounted.values()], packagePath('definitions'))).toBe(webhook);
});
