import { describe, expect, it } from 'vitest';
import { isIncomplete, isNotice, readWebhook } from '../../../../server/gateway/ask/read-webhook.ts';
import type { CompiledPreset } from '../../../../server/gateway/presets.ts';
import { createRequestView, type InboundRequest } from '../../../../server/gateway/request-view.ts';
import { presetWith, requestWith } from '../gateways.ts';

const event = { id: 'json:/id + json:/status', type: ['json:/status', 'text:notice'] };
const types = [{ match: { 'json:/status': ['paid'] }, type: 'payment.succeeded' }];
const api = { live: 'https://api.example.com' };
const request = { url: '{api}/v2/payments/{form:id}' };
const fetch = { api, request };
const noticing = presetWith({ event, types, fetch });
const signing = presetWith({ event, types });

const form = requestWith({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'id=tr_1' });
const forged = requestWith({
  headers: { 'content-type': 'application/json' },
  body: '{"id":"tr_1","status":"paid"}',
});

describe('an unsigned request', () => {
  it.each([
    ['of the usual form', form],
    ['that looks like what would be fetched', forged],
  ])('%s becomes a notice, and nothing that it says is believed', (_what, request) => {
    const read = readOne(noticing, request);
    expect(read).toMatchObject({
      type: 'test_gateway:notice',
      nativeType: 'notice',
      entity: null,
      payment: null,
      occurredAt: '2026-11-25T08:00:00.000Z',
    });
    expect(read.id).toMatch(/^notice:[0-9a-f-]{36}$/);
    expect(isNotice(read)).toBe(true);
  });

  it('gets an id of its own, so that it keeps no other notice out', () => {
    const ids = [1, 2, 3].map(() => readOne(noticing, form).id);
    expect(new Set(ids).size).toBe(3);
  });

  it('keeps its own type and a stable id if it is not a notice, and is no payment', () => {
    const topics = presetWith({ event, types, fetch: { match: { 'json:/topic': ['payment'] }, ...fetch } });
    const other = readOne(topics, forged);
    expect(other).toMatchObject({ id: 'unsigned:tr_1:paid', type: 'test_gateway:paid', payment: null });
    expect(isNotice(other)).toBe(false);
    expect(readOne(topics, forged).id).toBe('unsigned:tr_1:paid');
    const body = Buffer.from('{"topic":"payment","id":"tr_1","status":"paid"}');
    expect(isNotice(readOne(topics, { ...forged, body }))).toBe(true);
  });

  it('stays unreadable if it is', () => {
    expect(readOne(noticing, requestWith({ body: 'no json' })).type).toBe('test_gateway:unreadable');
  });
});

describe('a notice', () => {
  it('is one, however many events it claims to hold, so that one request causes one question', () => {
    const batch = presetWith({ event: { ...event, items: ['', '/refunds/*'] }, types, fetch });
    const many = requestWith({ body: '{"status":"paid","refunds":[{"id":"re_1"},{"id":"re_2"}]}' });
    expect(readAll(batch, many).map(({ event: { type } }) => type)).toEqual(['test_gateway:notice']);
  });

  it('says why nothing is asked about it', () => {
    const cases = [
      { match: { 'form:id': [{ pattern: 'tr_.+' }] }, request },
      { match: { 'form:id': [{ pattern: 'cst_.+' }] }, skip: 'a customer is no payment' },
    ];
    const choosing = presetWith({ event, types, fetch: { api, cases } });
    const ignored = (body: string) => readAll(choosing, { ...form, body: Buffer.from(body) })[0]!.ignored;
    expect(ignored('id=tr_1')).toBeUndefined();
    expect(ignored('id=cst_1')).toBe('a customer is no payment');
    expect(ignored('id=xyz_1')).toBe('the preset has no question about such a notice');
  });
});

describe('a genuine event that lacks something', () => {
  const asked = { match: { 'item:/kind': ['payment'] }, request: { url: '{api}/payments/{item:/ref}' } };
  const completing = presetWith({
    event: { items: '/events/*', id: 'item:/id', type: ['item:/kind'] },
    types: [{ match: { 'item:/kind': ['payment'] }, type: 'payment.succeeded' }],
    fetch: { api, into: '/fetched', cases: [asked] },
  });
  const batch = requestWith({
    headers: { 'content-type': 'application/json' },
    body: '{"events":[{"id":"EV1","kind":"payment","ref":"P1"},{"id":"EV2","kind":"mandate"},{"id":"EV3","kind":"payment"}]}',
  });

  it('becomes a notice with the id of its event, so that a redelivery is a duplicate; others stay as they are', () => {
    const read = readAll(completing, batch).map((each) => each.event);
    expect(read.map(({ id, type, payment }) => [id, type, payment])).toEqual([
      ['notice:EV1', 'test_gateway:notice', null],
      ['EV2', 'test_gateway:mandate', null],
      ['notice:EV3', 'test_gateway:notice', null],
    ]);
    expect(readAll(completing, batch).map((each) => each.event.id)).toEqual(['notice:EV1', 'EV2', 'notice:EV3']);
    expect(read.map(isNotice)).toEqual([true, false, true]);
    expect(read.map(isIncomplete)).toEqual([true, false, true]);
  });

  it('is read as it is if the source has no API key', () => {
    const read = readAll(completing, batch, { completes: false }).map((each) => each.event);
    expect(read.map(({ id, type }) => [id, type])).toEqual([
      ['EV1', 'payment.succeeded'],
      ['EV2', 'test_gateway:mandate'],
      ['EV3', 'payment.succeeded'],
    ]);
  });

  it.each([
    ['is not asked about as a test event, because it is ignored', false, ['EV1', 'EV2', 'EV3']],
    ['is asked about as a test event if its source wants those', true, ['notice:EV1', 'EV2', 'notice:EV3']],
  ])('%s', (_what, test, ids) => {
    const marking = presetWith({
      event: { items: '/events/*', id: 'item:/id', type: ['item:/kind'], live: [{ is: false }] },
      types: [{ match: { 'item:/kind': ['payment'] }, type: 'payment.succeeded' }],
      fetch: { api, into: '/fetched', cases: [asked] },
    });
    expect(readAll(marking, batch, { test }).map(({ event }) => event.id)).toEqual(ids);
  });

  it('stays unreadable if it has no type', () => {
    const [read] = readAll(completing, requestWith({ body: '{"events":[{"id":"EV1"}]}' }));
    expect(read?.event).toMatchObject({ type: 'test_gateway:unreadable' });
  });
});

it('leaves the events of a gateway that signs as they are', () => {
  const read = readOne(signing, forged);
  expect(read).toMatchObject({ id: 'tr_1:paid', type: 'payment.succeeded' });
  expect(isNotice(read)).toBe(false);
});

function readOne(preset: CompiledPreset, inbound: InboundRequest) {
  return readAll(preset, inbound)[0]!.event;
}

function readAll(preset: CompiledPreset, inbound: InboundRequest, { completes = true, test = false } = {}) {
  const view = createRequestView(inbound, preset.body);
  return readWebhook({ preset, name: 'shop', completes, test }, view, new Date('2026-11-25T08:00:00.000Z'));
}
