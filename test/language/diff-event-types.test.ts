import { expect, it } from 'vitest';
import { readEventType } from '../../language/check/event-type-file.ts';
import { diffEventTypes, formatEventTypeDiff } from '../../language/diff-event-types.ts';
import type { Json } from '../../language/json.ts';

const types = (contents: Record<string, Json>) =>
  new Map(
    Object.entries(contents).map(([name, content]) => {
      return [name, readEventType({ file: name, text: JSON.stringify(content) }, name).eventType!];
    }),
  );
const order = { example: { orderId: 'ord_1', customer: { name: 'Ana' } } };

it('finds no difference between types whose words differ', () => {
  const described = { ...order, description: 'A paid order.' };
  expect(diffEventTypes(types({ 'order.created': order }), types({ 'order.created': described }))).toEqual([]);
  expect(formatEventTypeDiff([])).toBe('No differences.');
});

it('tells, for each type, what breaks those who receive it, and what does not', () => {
  const before = types({ 'order.created': order, 'order.lost': order, 'parcel.sent': order });
  const after = types({
    'order.created': { example: { orderId: 1, customer: { name: 'Ana', points: 1 } }, deprecated: 'Use order.paid.' },
    'order.paid': order,
    'parcel.sent': order,
  });
  const changes = diffEventTypes(before, after);
  expect(changes).toEqual([
    { type: 'order.created', breaking: true, at: 'orderId', message: 'is a number now, and was a text' },
    { type: 'order.created', breaking: false, at: 'customer.points', message: 'was added' },
    { type: 'order.created', breaking: false, at: '', message: 'is deprecated: Use order.paid.' },
    { type: 'order.lost', breaking: true, at: '', message: 'was removed' },
    { type: 'order.paid', breaking: false, at: '', message: 'was added' },
  ]);
  expect(formatEventTypeDiff(changes)).toBe(`order.created
  incompatible  "orderId" is a number now, and was a text
  compatible    "customer.points" was added
  compatible    is deprecated: Use order.paid.

order.lost
  incompatible  was removed

order.paid
  compatible    was added

5 changes, 2 incompatible.`);
});
