import { noFacts } from '../../../language/event.ts';
import { describe, expect, it } from 'vitest';
import { readData, readEvents } from '../../../server/gateway/read-events.ts';
import { createRequestView } from '../../../server/gateway/request-view.ts';
import { presetWith, readInbound, requestWith, shippedPreset, shop } from './gateways.ts';

const receivedAt = new Date('2026-01-02T03:04:05.678Z');
const plain = presetWith({});

function readOne(preset: typeof plain, body: string | Buffer, headers: Record<string, string> = {}) {
  return readInbound(preset, shop, requestWith({ body, headers }), receivedAt)[0]!;
}

describe('a body that is not an event', () => {
  it('is kept as unreadable under the hash of its bytes', () => {
    expect(readOne(plain, 'not json')).toEqual({
      unreadable: 'not-json',
      item: 0,
      event: {
        // printf 'not json' | sha256sum
        id: 'sha256:7ccfa1fbf3940e6f0c0375d87c0f9235a50514e14cb427bdfaf5077987b26ccf',
        source: 'shop',
        gateway: 'test_gateway',
        type: 'test_gateway:unreadable',
        nativeType: 'unreadable',
        occurredAt: '2026-01-02T03:04:05.678Z',
        receivedAt: '2026-01-02T03:04:05.678Z',
        entity: null,
        tenant: null,
        ...noFacts,
        data: null,
      },
      holdMs: 0,
    });
  });

  it.each([
    ['not-json', ''],
    ['not-json', '{"id": 1,}'],
    ['not-json', '\0'],
    ['nested-too-deeply', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['nested-too-deeply', `{"id":"a","type":"b","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['too-many-values', JSON.stringify({ id: 'a', type: 'b', list: Array.from({ length: 50_000 }, () => 1e20) })],
    ['no-type', '[]'],
    ['no-type', 'null'],
    ['no-type', '"text"'],
    ['no-type', '{"id":"a"}'],
    ['no-type', '{"id":"a","type":""}'],
    ['no-type', '{"id":"a","type":{"name":"b"}}'],
    ['no-type', '{"id":"a","type":"b\\u0000"}'],
    ['no-type', JSON.stringify({ id: 'a', type: 'b'.repeat(257) })],
    ['no-type', '{"__proto__":{"type":"b"},"id":"a"}'],
  ])('is unreadable because of %s: %.60s', (reason, body) => {
    expect(readOne(plain, body).unreadable).toBe(reason);
  });

  it('has another id if a byte differs, and the same id if it arrives again', () => {
    const ids = ['x', 'y', 'x'].map((body) => readOne(plain, body).event.id);

    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toBe(ids[2]);
  });

  it('is readable at 64 levels, after a byte order mark, and with bytes that are not UTF-8', () => {
    const deep = `{"id":"a","type":"b","x":${'['.repeat(63)}${']'.repeat(63)}}`;
    const garbled = Buffer.concat([
      Buffer.from('{"id":"a","type":"b","name":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);

    expect(readOne(plain, deep).unreadable).toBeNull();
    expect(readOne(plain, '\uFEFF{"id":"a","type":"b"}').event.id).toBe('a');
    expect(readOne(plain, garbled).event.data).toEqual({ id: 'a', type: 'b', name: '\uFFFD' });
  });
});

describe('an event id', () => {
  const idOf = (value: unknown, id = 'json:/id') =>
    readOne(presetWith({ event: { id, type: ['text:t'] } }), JSON.stringify(value)).event.id;

  it('is used as it is, even a number', () => {
    expect(idOf({ id: 'evt_1:a%b/ü ☕' })).toBe('evt_1:a%b/ü ☕');
    expect(idOf({ id: 42 })).toBe('42');
    expect(idOf({ id: 'x'.repeat(256) })).toBe('x'.repeat(256));
  });

  it.each([['x'.repeat(257)], ['a\0b'], ['a\nb'], ['a\u0085b'], ['a\uD800b'], ['a\u007fb']])(
    'is hashed if it does not work as an identifier everywhere: %j',
    (id) => {
      expect(idOf({ id })).toMatch(/^sha256:[0-9a-f]{64}$/);
    },
  );

  it('stays different if two unfit ids differ in half a character', () => {
    expect(idOf({ id: '\uD800' })).not.toBe(idOf({ id: '\uD801' }));
    expect(idOf({ id: '\0' })).not.toBe(idOf({ id: '\u0001' }));
  });

  it('may be the hash of the event as JSON, whatever its spacing', () => {
    const preset = presetWith({ event: { id: 'document | sha256hex', type: ['json:/type'] } });
    const ids = ['{"type":"a","n":1}', ' {"type": "a", "n": 1.0}', '{"type":"a","n":2}'].map(
      (body) => readOne(preset, body).event.id,
    );

    expect(ids[0]).toBe('1b48e88bf2514d53fd222c34a71ecf980918881e926486586b6651273404570b');
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('is the hash of the body if there is no id, or a number that has lost digits', () => {
    const big = (digits: string) => readOne(plain, `{"type":"b","id":${digits}}`).event.id;

    expect(idOf({})).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(idOf({ id: '' })).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(big('9007199254740993')).not.toBe(big('9007199254740992'));
    expect(big('0.1234567890123456789')).toMatch(/^sha256:/);
  });

  it('is not read from inherited properties', () => {
    expect(idOf({}, 'json:/constructor/name')).toMatch(/^sha256:/);
    expect(idOf([1, 2], 'json:/length')).toMatch(/^sha256:/);
  });

  it('is the hash of the body if a part of it is missing or empty', () => {
    expect(idOf({ a: '1', b: '2' }, 'json:/a + json:/b')).toBe('1:2');
    expect(idOf({ a: '1' }, 'json:/a + json:/b')).toMatch(/^sha256:/);
    expect(idOf({ a: '1', b: '' }, 'json:/a + json:/b')).toMatch(/^sha256:/);
  });

  it('is never the same for two lists of parts', () => {
    const id = 'json:/a + json:/b';

    expect(idOf({ a: 'x:y', b: 'z' }, id)).toBe('x%3Ay:z');
    expect(idOf({ a: 'x', b: 'y:z' }, id)).toBe('x:y%3Az');
    expect(idOf({ a: 'x%3Ay', b: 'z' }, id)).toBe('x%253Ay:z');
  });

  it('is that of its entry of types, which may also name its native type', () => {
    const preset = presetWith({
      types: [
        { match: { 'json:/paid': ['true'] }, type: 'payment.succeeded', id: 'json:/pay + text:paid', native: 'paid' },
      ],
    });
    const { event } = readOne(preset, '{"id":"1","type":"t","paid":true,"pay":"p"}');

    expect([event.id, event.type, event.nativeType]).toEqual(['p:paid', 'payment.succeeded', 'paid']);
    expect(readOne(preset, '{"id":"1","type":"t","pay":"p"}').event.id).toBe('1');
  });

  it('is needed by an event of a canonical type, which would count twice under the hash of its body', () => {
    const types = [{ match: {}, type: 'payment.succeeded', id: 'json:/pay + text:paid' }];
    const { unreadable, event } = readOne(presetWith({ types }), '{"id":"1","type":"t"}');

    expect([unreadable, event.type]).toEqual(['no-id: json:/pay', 'test_gateway:unreadable']);
  });
});

describe('the other fields of an event', () => {
  const unsigned = { id: 'json:/id', unsignedId: 'only a token is signed', type: ['json:/type'] };
  const preset = presetWith({
    event: {
      id: 'json:/id',
      type: ['json:/resource + json:/action', 'json:/type'],
      occurredAt: { from: ['json:/at'], format: 'unix' },
      entity: ['json:/empty', 'json:/entity'],
      tenant: ['json:/tenant'],
    },
    types: [
      { match: { 'json:/type': ['quiet'] }, type: null },
      { match: { 'json:/flag': ['true', null] }, type: 'payment.succeeded' },
    ],
    payments: [
      {
        id: ['json:/entity'],
        amount: { from: ['json:/amount'], unit: 'major' },
        currency: ['json:/currency | upper'],
        customer: { name: ['json:/name'], email: ['json:/email'] },
      },
    ],
  });
  const eventOf = (value: unknown) =>
    readOne(preset, JSON.stringify({ id: 'a', type: 'b', ...(value as object) })).event;

  it('join resource and action of the type', () => {
    expect(eventOf({ resource: 'payments', action: 'created' }).nativeType).toBe('payments.created');
  });

  it('hold no character that PostgreSQL does not accept', () => {
    const event = eventOf({ entity: '\0', tenant: '\uDC00', name: 'a\0b\uD800', email: 'x'.repeat(1_000) });

    expect(event.entity).toMatch(/^sha256:/);
    expect(event.tenant).toMatch(/^sha256:/);
    expect(event.payment?.customer).toEqual({ id: null, name: 'a\uFFFDb\uFFFD', email: null });
  });

  it('have the time of arrival if the gateway’s is missing or senseless', () => {
    expect(eventOf({ at: 1_767_225_600 }).occurredAt).toBe('2026-01-01T00:00:00.000Z');
    expect(eventOf({ at: 999_999_999_999 }).occurredAt).toBe('2026-01-02T03:04:05.678Z');
    expect(eventOf({ at: 'yesterday' }).occurredAt).toBe('2026-01-02T03:04:05.678Z');
    expect(eventOf({}).occurredAt).toBe('2026-01-02T03:04:05.678Z');
  });

  it.each([
    [1_767_225_600, '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T07:00:00+07:00', '2026-01-01T00:00:00.000Z'],
    ['yesterday', '2026-01-02T03:04:05.678Z'],
  ])('have the time in whichever format it is written (%s)', (at, expected) => {
    const formats = ['unix', 'rfc3339'].map((format) => ({ from: ['json:/at'], format }));
    const several = presetWith({ event: { ...unsigned, occurredAt: formats } });

    expect(readOne(several, JSON.stringify({ id: 'a', type: 'b', at })).event.occurredAt).toBe(expected);
  });

  it.each([
    ['refund', 'cap_1'],
    ['capture', 're_1'],
  ])('have the entity that is meant for a %s', (type, expected) => {
    const entity = [{ match: { 'json:/type': ['refund'] }, from: ['json:/up | basename'] }, 'json:/id'];
    const conditional = presetWith({ event: { ...unsigned, entity } });
    const body = JSON.stringify({ id: 're_1', type, up: 'https://api.example.com/captures/cap_1' });

    expect(readOne(conditional, body).event.entity).toBe(expected);
  });

  it('have the first canonical type that matches, or the native one if it is null or none matches', () => {
    expect(eventOf({ flag: true }).type).toBe('payment.succeeded');
    expect(eventOf({}).type).toBe('payment.succeeded');
    expect(eventOf({ flag: false }).type).toBe('test_gateway:b');
    expect(eventOf({ flag: true, type: 'quiet' }).type).toBe('test_gateway:quiet');
    expect(eventOf({ flag: false }).payment?.status).toBeNull();
    expect(eventOf({ flag: true }).payment?.status).toBe('succeeded');
  });

  it('have the amount in minor units, or null', () => {
    expect(eventOf({ amount: '10.50', currency: 'usd' }).payment).toMatchObject({ amount: 1050, currency: 'USD' });
    expect(eventOf({ amount: 10.5, currency: 'usd' }).payment?.amount).toBe(1050);
    expect(eventOf({ amount: 10.5 }).payment?.amount).toBeNull();
    expect(eventOf({ currency: 'usd' }).payment?.amount).toBeNull();
  });
});

describe('a Midtrans notification', () => {
  const notification = { transaction_id: 't', order_id: 'o', status_code: '200', gross_amount: '1.00' };

  it.each([
    ['payment.succeeded', { transaction_status: 'settlement' }],
    ['payment.succeeded', { transaction_status: 'settlement', fraud_status: 'accept' }],
    ['payment.succeeded', { transaction_status: 'capture', fraud_status: 'accept', payment_type: 'credit_card' }],
    ['payment.succeeded', { transaction_status: 'settlement', fraud_status: 'accept', payment_type: 'credit_card' }],
    ['midtrans:settlement', { transaction_status: 'settlement', status_code: '201' }],
    ['midtrans:settlement', { transaction_status: 'settlement', fraud_status: 'deny' }],
    ['payment.pending', { transaction_status: 'capture', status_code: '201', fraud_status: 'challenge' }],
    ['payment.pending', { transaction_status: 'pending', status_code: '201' }],
    ['payment.failed', { transaction_status: 'deny', status_code: '202' }],
    ['payment.canceled', { transaction_status: 'cancel' }],
    ['payment.refunded', { transaction_status: 'partial_refund', refund_amount: '0.50' }],
    ['payment.disputed', { transaction_status: 'chargeback' }],
    ['midtrans:authorize', { transaction_status: 'authorize', fraud_status: 'accept' }],
  ])('is %s: %j', async (type, fields) => {
    const midtrans = await shippedPreset('midtrans');

    expect(readOne(midtrans, JSON.stringify({ ...notification, ...fields })).event.type).toBe(type);
  });
});

describe('a batch', () => {
  const preset = presetWith({
    event: { items: '/list/*/entry', id: 'item:/id', type: ['item:/type'], tenant: ['json:/account'] },
    redact: ['/secret'],
  });
  const batch =
    '{"account":"m","list":[{"entry":{"id":"1","type":"a","secret":"s"}},{"entry":7},{"entry":{"id":"3","type":"c"}}]}';

  it('yields one event for each item, and keeps unreadable ones', () => {
    const read = readInbound(preset, shop, requestWith({ body: batch }), receivedAt);

    expect(read.map(({ item, unreadable, event }) => [item, unreadable, event.id, event.tenant, event.data])).toEqual([
      [0, null, '1', 'm', { id: '1', type: 'a' }],
      // printf 7 | sha256sum
      [1, 'no-type', 'sha256:7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451', null, null],
      [2, null, '3', 'm', { id: '3', type: 'c' }],
    ]);
    expect(readData(preset, Buffer.from(batch), 'application/json')(2)).toEqual({ id: '3', type: 'c' });
    expect(readData(preset, Buffer.from(batch), 'application/json')(0)).toEqual({ id: '1', type: 'a' });
    expect(readData(preset, Buffer.from(batch), 'application/json')(3)).toBeNull();
  });

  it.each([
    [2, [2, '3']],
    [0, [0, '1']],
    [3, [0, '1']], // The preset has changed since it arrived.
  ])('yields the event of item %d alone if only that is asked for', (only, expected) => {
    const view = createRequestView(requestWith({ body: batch }), preset.body, shop.settings);
    const read = readEvents(preset, shop.name, view, receivedAt, { only });
    expect(read.map(({ item, event }) => [item, event.id])).toEqual([expected]);
  });

  it.each([['{}'], ['{"list":[]}'], ['{"list":{"0":{}}}'], ['[]']])('is unreadable without items: %s', (body) => {
    expect(readOne(preset, body).unreadable).toBe('no-items');
  });

  it('may have events in several places, the body itself among them', () => {
    const items = ['', '/_embedded/refunds/*', '/_embedded/chargebacks/*'];
    const places = presetWith({ event: { items, id: 'item:/id', type: ['item:/kind'], tenant: ['json:/id'] } });
    const body =
      '{"id":"tr_1","kind":"payment","_embedded":{"refunds":[{"id":"re_1","kind":"refund"}],"chargebacks":[]}}';
    const read = readInbound(places, shop, requestWith({ body }), receivedAt);

    expect(read.map(({ item, event }) => [item, event.id, event.nativeType, event.tenant])).toEqual([
      [0, 'tr_1', 'payment', 'tr_1'],
      [1, 're_1', 'refund', 'tr_1'],
    ]);
    expect(readData(places, Buffer.from(body), 'application/json')(1)).toEqual({ id: 're_1', kind: 'refund' });
  });

  it('may be the body itself if no other place has events', () => {
    const event = { items: ['/list/*', ''], id: 'item:/id', type: ['item:/kind'] };
    const either = presetWith({ event });
    const idsOf = (body: string) =>
      readInbound(either, shop, requestWith({ body }), receivedAt).map((read) => read.event.id);

    expect(idsOf('{"id":"a","kind":"x"}')).toEqual(['a']);
    expect(idsOf('{"id":"a","kind":"x","list":[{"id":"b","kind":"y"},{"id":"c","kind":"y"}]}')).toEqual(['b', 'c']);
  });
});

describe('a form', () => {
  const preset = presetWith({ event: { id: 'form:id', type: ['form:status', 'json:/status'] }, redact: ['/token'] });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };

  it('is unreadable with two values of a field that the preset reads', () => {
    expect(readOne(preset, 'id=a&status=paid&id=b', headers)).toMatchObject({
      unreadable: 'doubled-field: id',
      event: { type: 'test_gateway:unreadable', payment: null, data: null },
    });
  });

  it('is read field by field', () => {
    const { event } = readOne(preset, 'status=paid&token=t&id=b+c&__proto__=x', headers);

    expect(event).toMatchObject({ id: 'b c', nativeType: 'paid' });
    expect(JSON.stringify(event.data)).toBe('{"status":"paid","id":"b c","__proto__":"x"}');
    expect(readData(preset, Buffer.from('id=a&token=t'), headers['content-type'])(0)).toEqual({ id: 'a' });
  });

  it('is not read as JSON, and JSON is never read as a form', () => {
    expect(readOne(preset, 'id=a&status=paid').unreadable).toBe('not-json');
    expect(readOne(preset, '{"id":"a","status":"paid"}', headers).event).toMatchObject({
      nativeType: 'paid',
      data: { id: 'a', status: 'paid' },
    });
  });
});
