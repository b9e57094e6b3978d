import { expect, it } from 'vitest';
import { eventLink, listLink, runLink, segmentsOf } from '../../console/app/links.ts';

it.each(['evt_1', 'kait/order-saga/stripe/pi_1:succeeded', '100%', '%2F', 'a b?c#d', '../..', '🪝', '__proto__'])(
  'finds the id %s again in the address that it makes',
  (id) => {
    expect(segmentsOf(runLink(id))).toEqual([id]);
    expect(segmentsOf(eventLink('stripe', id))).toEqual(['stripe', id]);
  },
);

it('takes a malformed address as it is', () => {
  expect(segmentsOf('/runs/100%')).toEqual(['100%']);
});

it('leaves filters without a value out of the address of a list', () => {
  expect(listLink('/runs', { state: 'parked', definition: undefined, order: '' })).toBe('/runs?state=parked');
  expect(listLink('/runs', {})).toBe('/runs');
});
