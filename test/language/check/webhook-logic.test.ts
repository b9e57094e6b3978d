import { describe, expect, it } from 'vitest';
import { filterFault, transformFault } from '../../../language/check/webhook-logic.ts';
import type { Json } from '../../../language/json.ts';

const sample = { type: 'order.created', timestamp: '2026-01-01T00:00:00.000Z', tenant: null, data: { total: 5 } };

describe('a filter', () => {
  it.each<object>([
    { '==': [{ var: 'data.country' }, 'ID'] },
    { and: [{ '>': [{ var: 'data.total' }, 100] }, { '==': [{ var: 'tenant' }, 'acme'] }] },
    { jsonlogic: { rule: { '>': [{ var: 'total' }, 100] }, data: '{{data}}' } },
  ])('may be %j', (filter) => {
    expect(filterFault(filter, [])).toBeUndefined();
  });

  it.each<[object, string]>([
    [{ '=': [1, 2] }, 'Unknown operator "=".'],
    [
      { '==': [{ var: 'event.payment.amount' }, 1] },
      'Paths cannot start with "event". Paths start with type, timestamp, tenant, data.',
    ],
    [{ '==': [{ var: 'dat.x' }, 1] }, 'Did you mean "data"?'],
    [{ '==': [{ var: 'data.x' }] }, '"==" takes 2 arguments, got 1.'],
    [{ a: 1, b: 2 }, 'exactly one key'],
    [{ '>': [{ now: [] }, { var: 'data.at' }] }, '"now" is not available here'],
    [{ jsonlogic: { rule: { log: 1 }, data: '{{data}}' } }, 'cannot use the operator "log"'],
    [{ jsonlogic: { rule: true } }, '"data" is missing'],
  ])('may not be %j', (filter, fault) => {
    expect(filterFault(filter, [])).toContain(fault);
  });

  it('is tried with the examples of the event types', () => {
    const filter = { '==': [{ var: 'data.country' }, 'ID'] };
    expect(filterFault(filter, [sample])).toBe(
      'It fails with the example of order.created: data.country is missing: data has no "country". It has: total.',
    );
    expect(filterFault({ '==': [{ var: ['data.country', ''] }, 'ID'] }, [sample])).toBeUndefined();
  });
});

describe('a transformation', () => {
  it.each<Json>([
    { text: 'Order {{data.orderId}}', at: '{{timestamp}}' },
    'Order {{data.orderId}}',
    { total: { '/': [{ var: 'data.total' }, 100] }, note: { literal: { now: [] } } },
  ])('may be %j', (body) => {
    expect(transformFault({ body }, [])).toBeUndefined();
  });

  it.each<[Json, string]>([
    [{ text: '{{steps.order.id}}' }, 'At /body/text: Paths cannot start with "steps".'],
    [{ text: '{{data.x' }, 'is never closed'],
    [{ id: { uuid: [] } }, '"uuid" is not available here'],
  ])('may not be %j', (body, fault) => {
    expect(transformFault({ body }, [])).toContain(fault);
  });

  it('is tried with the examples of the event types', () => {
    expect(transformFault({ body: { a: '{{data.b}}' } }, [sample])).toContain('the example of order.created');
  });
});
