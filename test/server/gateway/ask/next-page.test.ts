import { expect, it } from 'vitest';
import type { Json } from '../../../../language/json.ts';
import type { NextOptions } from '../../../../server/gateway/ask/ask-schema.ts';
import { compileNext } from '../../../../server/gateway/ask/next-page.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';

const first = 'https://api.example.com/v1/events?limit=2';

function next(options: NextOptions, { answer = {}, last = null, link }: { answer?: Json; last?: Json; link?: string }) {
  const headers: Record<string, string> = link === undefined ? {} : { link };
  const request = { method: 'GET', url: '/', headers, body: Buffer.from(JSON.stringify(answer)) };
  const view = createRequestView(request, { format: 'json', encoding: 'text' });
  return compileNext(options)(first, { ...view, item: () => last ?? undefined });
}

const cursor: NextOptions = {
  by: 'cursor',
  parameter: 'starting_after',
  from: 'item:/id',
  while: { 'json:/has_more': ['true'] },
};

it('goes on after the last item while the gateway has more', () => {
  expect(next(cursor, { answer: { has_more: true }, last: { id: 'evt&2' } })).toBe(`${first}&starting_after=evt%262`);
  expect(next(cursor, { answer: { has_more: false }, last: { id: 'evt_2' } })).toBeUndefined();
});

it('goes on while the answer has a cursor, if nothing else says whether there is more', () => {
  const options: NextOptions = { by: 'cursor', parameter: 'after', from: 'json:/meta/after' };
  expect(next(options, { answer: { meta: { after: 'EV2' } } })).toBe(`${first}&after=EV2`);
  expect(next(options, { answer: { meta: { after: null } } })).toBeUndefined();
});

it.each([
  ['https://api.example.com/v1/events?page=2', 'https://api.example.com/v1/events?page=2'],
  ['/v1/events?page=2', 'https://api.example.com/v1/events?page=2'],
  ['https://evil.example/v1/events', undefined],
  ['http://api.example.com/v1/events', undefined],
  ['https://[', undefined],
])('follows the address %s only on the same host, because the key is sent there', (address, expected) => {
  expect(next({ by: 'url', from: 'json:/next' }, { answer: { next: address } })).toBe(expected);
  expect(next({ by: 'link' }, { link: `<https://a/>; rel="prev", <${address}>; rel="next"` })).toBe(expected);
});

it('ends if the Link header has no next', () => {
  expect(next({ by: 'link' }, { link: '<https://api.example.com/?page=1>; rel="prev"' })).toBeUndefined();
  expect(next({ by: 'link' }, {})).toBeUndefined();
});

it('counts pages', () => {
  const options: NextOptions = { by: 'page', parameter: 'page', first: 1 };
  expect(next(options, {})).toBe(`${first}&page=2`);
  expect(
    compileNext(options)(`${first}&page=2`, createRequestView(emptyRequest, { format: 'json', encoding: 'text' })),
  ).toBe(`${first}&page=3`);
});

const emptyRequest = { method: 'GET', url: '/', headers: {}, body: Buffer.alloc(0) };
