import { expect, it } from 'vitest';
import { isNotice } from '../../../../server/gateway/ask/notice.ts';
import { readArrival } from '../../../../server/gateway/ask/read-arrival.ts';
import { presetWith, requestWith, shop } from '../gateways.ts';

const receivedAt = new Date('2026-11-25T08:00:00.000Z');
const event = { id: ['json:/id + json:/status', 'form:id + arrival'], type: ['json:/status', 'text:notice'] };
const types = [{ match: { 'json:/status': ['paid'] }, type: 'payment.succeeded' }];
const fetch = { api: { live: 'https://api.example.com' }, request: { url: '{api}/v2/payments/{form:id}' } };
const noticing = presetWith({ event, types, fetch });

const form = requestWith({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'id=tr_1' });
const forged = requestWith({
  headers: { 'content-type': 'application/json' },
  body: '{"id":"tr_1","status":"paid"}',
});

it('believes nothing of a request that is a notice, also where it looks like what would be fetched', () => {
  for (const request of [form, forged]) {
    const [read] = readArrival(noticing, shop, request, receivedAt);
    expect(read?.event).toMatchObject({
      type: 'test_gateway:notice',
      nativeType: 'notice',
      entity: null,
      payment: null,
      occurredAt: '2026-11-25T08:00:00.000Z',
    });
    expect(read?.event.id).toMatch(/^notice:[0-9a-f-]{36}$/);
    expect(isNotice(read!.event)).toBe(true);
  }
});

it('gives each arrival an id of its own, so that no notice keeps another out', () => {
  const ids = [1, 2, 3].map(() => readArrival(noticing, shop, form, receivedAt)[0]?.event.id);
  expect(new Set(ids).size).toBe(3);
});

it('leaves the events of every other gateway, and what is unreadable, as they are', () => {
  const signing = presetWith({ event, types });
  const [read] = readArrival(signing, shop, forged, receivedAt);
  expect(read?.event).toMatchObject({ id: 'tr_1:paid', type: 'payment.succeeded' });
  expect(isNotice(read!.event)).toBe(false);
  const [unreadable] = readArrival(noticing, shop, requestWith({ body: 'no json' }), receivedAt);
  expect(unreadable).toMatchObject({ unreadable: 'not-json', event: { type: 'test_gateway:unreadable' } });
});

it('keeps other requests of such a gateway by its own type, and believes nothing of them either', () => {
  const topics = presetWith({ event, types, fetch: { match: { 'json:/topic': ['payment'] }, ...fetch } });
  const [other] = readArrival(topics, shop, forged, receivedAt);
  expect(other?.event).toMatchObject({ id: 'unsigned:tr_1:paid', type: 'test_gateway:paid', payment: null });
  expect(isNotice(other!.event)).toBe(false);
  const [again] = readArrival(topics, shop, forged, receivedAt);
  expect(again?.event.id).toBe(other?.event.id);
  const body = '{"topic":"payment","id":"tr_1","status":"paid"}';
  const [notice] = readArrival(topics, shop, { ...forged, body: Buffer.from(body) }, receivedAt);
  expect(isNotice(notice!.event)).toBe(true);
});
