import { describe, expect, it } from 'vitest';
import { fieldsOf, mappingSection } from '../../docs/gateway-mapping.ts';
import { presetWith, shippedPresets } from '../server/gateway/gateways.ts';

const preset = presetWith({
  event: {
    id: 'json:/id',
    unsignedId: 'a token',
    type: ['json:/kind'],
    live: [{ match: { 'json:/test': ['1'] }, is: false }],
  },
  types: [{ match: { 'json:/kind': ['paid'] }, type: 'payment.succeeded', id: 'json:/pay + text:paid' }],
  payments: [
    { match: { 'json:/kind': ['paid'] }, id: ['json:/pay'], amount: { from: ['json:/total'], unit: 'major' } },
    { id: ['json:/pay', 'json:/ref'], currency: ['json:/currency | upper'], customer: { email: ['json:/email'] } },
  ],
  mapping: {
    read: '2026-11',
    from: ['https://docs.example.com/events'],
    types: { paid: 'payment.succeeded', opened: 'says nothing about money' },
  },
}).declared;

describe('the reference of a preset', () => {
  it('lists each field with everything that it is read from', () => {
    expect(fieldsOf(preset)).toEqual([
      ['id', ['json:/id', 'json:/pay + text:paid']],
      ['live', ['json:/test']],
      ['payment.id', ['json:/pay', 'json:/ref']],
      ['payment.amount', ['json:/total']],
      ['payment.currency', ['json:/currency | upper']],
      ['payment.customer.email', ['json:/email']],
    ]);
  });

  it('lists the event types, what became of them, and where they were read', () => {
    expect(mappingSection(preset).slice(-10)).toEqual([
      '<details>',
      '<summary>Event types</summary>',
      '',
      '- `paid` becomes `payment.succeeded`',
      '- `opened`: says nothing about money',
      '',
      'Read in 2026-11 from <https://docs.example.com/events>.',
      '',
      '</details>',
      '',
    ]);
  });
});

describe('the mapping of each shipped preset', async () => {
  const presets = [...(await shippedPresets()).values()];

  it('exists, apart from those that are still to be written', () => {
    const lacking = presets.filter(({ declared }) => declared.mapping === undefined).map(({ name }) => name);
    const awaited = ['coinbase_cdp', 'coinbase_commerce', 'woocommerce'];
    expect(lacking.filter((name) => !awaited.includes(name))).toEqual([]);
  });

  it.each(presets.map(({ name, declared }) => [name, declared] as const))(
    'promises only canonical types that the preset gives: %s',
    (_name, { types = [], mapping }) => {
      const given = types.map(({ type }) => type);
      const promised = Object.values(mapping?.types ?? {}).filter((became) => /^[a-z]+\.[a-z_]+$/.test(became));
      expect(promised.filter((type) => !given.includes(type))).toEqual([]);
    },
  );
});
