import { describe, expect, it } from 'vitest';
import { phasesOf } from '../../console/pages/deliveries/phases.ts';
import { barsOf } from '../../console/pages/endpoints/bars.ts';
import { conditionOf } from '../../console/pages/endpoints/condition.ts';
import { changesOf, draftOf, emptyDraft, patternsOf, requestOf } from '../../console/pages/endpoints/draft.ts';
import { fieldsOf } from '../../console/pages/event-types/fields.ts';

const nowMs = Date.parse('2026-11-28T12:30:00Z');

describe('the health of an endpoint', () => {
  it.each([
    [{ state: 'enabled', openUntil: null, failingSince: null }, 'healthy'],
    [{ state: 'enabled', openUntil: null, failingSince: '2026-11-28T12:00:00Z' }, 'failing'],
    [{ state: 'enabled', openUntil: '2026-11-28T12:31:00Z', failingSince: '2026-11-28T12:00:00Z' }, 'open'],
    [{ state: 'enabled', openUntil: '2026-11-28T12:29:00Z', failingSince: '2026-11-28T12:00:00Z' }, 'failing'],
    [{ state: 'paused', openUntil: '2026-11-28T12:31:00Z', failingSince: null }, 'paused'],
    [{ state: 'disabled', openUntil: null, failingSince: '2026-11-28T12:00:00Z' }, 'disabled'],
  ] as const)('of %j is %s', (endpoint, expected) => {
    expect(conditionOf(endpoint, nowMs)).toBe(expected);
  });

  it.each([
    [1, 24],
    [7, 42],
    [30, 30],
  ])('over %i days has %i bars', (days, count) => {
    expect(barsOf([], days, nowMs)).toHaveLength(count);
  });

  it('counts hours in the bar that they belong to, and leaves out those that are older', () => {
    const hour = (at: string, attempts: number, failed: number) => ({
      ...{ at, attempts, failed, medianMs: null, slowMs: null },
    });
    const hours = [
      hour('2026-11-20T12:00:00.000Z', 100, 100),
      hour('2026-11-28T11:00:00.000Z', 3, 1),
      hour('2026-11-28T12:00:00.000Z', 5, 0),
    ];
    expect(barsOf(hours, 7, nowMs).at(-1)).toEqual({
      ...{ fromMs: Date.parse('2026-11-28T09:00:00Z'), attempts: 8, failed: 1 },
    });
    expect(barsOf(hours, 7, nowMs).reduce((sum, { attempts }) => sum + attempts, 0)).toBe(8);
  });
});

describe('the form of an endpoint', () => {
  const before = { ...emptyDraft, url: 'https://a.example', patterns: 'order.*', more: '{"permanent": [404]}' };

  it('sends what was changed only', () => {
    expect(changesOf({ ...before, description: ' Shop ' }, before)).toEqual({ description: 'Shop' });
  });

  it('takes what was emptied back to its default', () => {
    expect(changesOf({ ...before, more: '' }, before)).toEqual({ permanent: null });
    expect(changesOf({ ...before, rate: '' }, { ...before, rate: '5' })).toEqual({ rate: null });
  });

  it('sends numbers as numbers, and patterns once each', () => {
    const draft = { ...emptyDraft, url: ' https://a.example ', patterns: 'a.*, b\nb', rate: '0.5', tenant: 'acme' };
    expect(requestOf(draft)).toEqual({
      ...{ url: 'https://a.example', patterns: ['a.*', 'b'], rate: 0.5, tenant: 'acme' },
    });
  });

  it.each([
    [{ rate: 'five' }, { field: 'rate' }],
    [{ more: '{' }, { field: 'more' }],
    [{ more: '[]' }, { field: 'more' }],
    [{ more: '{"fliter": {}}' }, { field: 'more', unknown: ['fliter'] }],
    [{ secrets: '"x"' }, { field: 'secrets' }],
  ])('refuses %j', (changed, expected) => {
    expect(() => changesOf({ ...before, ...changed }, before)).toThrow(expect.objectContaining(expected));
  });

  it('takes no name from the prototype', () => {
    expect(() => changesOf({ ...before, secrets: '{"__proto__": {"url": "x"}}' }, before)).toThrow(
      expect.objectContaining({ unknown: ['__proto__'] }),
    );
  });

  it('changes nothing if nothing was changed', () => {
    const endpoint = {
      ...{ url: 'https://a.example', patterns: ['*'], description: '', tenant: null, timeLimit: '5s', rate: 2 },
      ...{ concurrency: null, disableAfter: 'never', filter: { '==': [1, 1] }, transform: null, schedule: null },
      ...{ ordering: { fifo: 'all' }, signature: null, permanent: null },
    } as unknown as Parameters<typeof draftOf>[0]; // What else an endpoint has is not in the form.
    expect(changesOf(draftOf(endpoint), draftOf(endpoint))).toEqual({});
  });

  it('reads no pattern from an empty text', () => {
    expect(patternsOf(' \n,')).toEqual([]);
  });
});

describe('the parts of an attempt', () => {
  it('follow each other', () => {
    expect(phasesOf({ dnsMs: 2, connectMs: 10, tlsMs: 20, firstByteMs: 80, totalMs: 100 })).toEqual([
      { name: 'dns', fromMs: 0, ms: 2 },
      { name: 'connect', fromMs: 2, ms: 10 },
      { name: 'tls', fromMs: 12, ms: 20 },
      { name: 'wait', fromMs: 32, ms: 48 },
      { name: 'read', fromMs: 80, ms: 20 },
    ]);
  });

  it('are never longer than the whole, whatever was measured', () => {
    expect(phasesOf({ dnsMs: -5, connectMs: 90, tlsMs: 90, firstByteMs: 10, totalMs: 100 })).toEqual([
      { name: 'connect', fromMs: 0, ms: 90 },
      { name: 'tls', fromMs: 90, ms: 10 },
      { name: 'wait', fromMs: 100, ms: 0 },
      { name: 'read', fromMs: 100, ms: 0 },
    ]);
  });

  it('without an answer, end before it', () => {
    expect(phasesOf({ connectMs: 5, totalMs: 15_000 })).toEqual([{ name: 'connect', fromMs: 0, ms: 5 }]);
  });
});

describe('the fields of a schema', () => {
  it('are listed with their places', () => {
    const schema = {
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'string', description: 'The id.' },
        at: { type: 'string', format: 'date-time' },
        items: { type: 'array', items: { type: 'object', properties: { sku: { type: ['string', 'null'] } } } },
        state: { enum: ['open', 'closed'] },
        amount: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      },
    };
    expect(fieldsOf(schema)).toEqual([
      { path: 'id', type: 'string', isRequired: true, description: 'The id.' },
      { path: 'at', type: 'string (date-time)', isRequired: false, description: '' },
      { path: 'items', type: 'object[]', isRequired: false, description: '' },
      { path: 'items[].sku', type: 'string | null', isRequired: false, description: '' },
      { path: 'state', type: '"open" | "closed"', isRequired: false, description: '' },
      { path: 'amount', type: 'integer | null', isRequired: false, description: '' },
    ]);
  });

  it.each([[null], ['text'], [[]], [{ properties: [] }], [{ properties: { a: null } }, 1], [{ required: 'x' }]])(
    'of %j are no reason to fail',
    (schema, count = 0) => {
      expect(fieldsOf(schema)).toHaveLength(count);
    },
  );
});
