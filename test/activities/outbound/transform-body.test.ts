import { expect, it } from 'vitest';
import { transformBody } from '../../../activities/outbound/transform-body.ts';

const emitted = {
  ...{ type: 'order.paid', tenant: 'acme', contentType: 'application/json' },
  body: '{"type":"order.paid","timestamp":"2026-01-01T00:00:00.000Z","data":{"id":"INV-9","total":5}}',
  createdAt: new Date('2026-01-01T00:00:00Z'),
};
const forwarded = (body: string, contentType: string) => ({ ...emitted, body: Buffer.from(body), contentType });

it('leaves the body as it is without a transformation', () => {
  expect(transformBody(undefined, emitted)).toEqual({ body: emitted.body, contentType: 'application/json' });
});

it('sends what the template gives, as JSON', () => {
  const body = { text: '{{data.id}} of {{tenant}} is paid', raw: '{{data}}', type: '{{type}}', at: '{{timestamp}}' };
  expect(transformBody({ body }, emitted)).toEqual({
    body: '{"text":"INV-9 of acme is paid","raw":{"id":"INV-9","total":5},"type":"order.paid","at":"2026-01-01T00:00:00.000Z"}',
    contentType: 'application/json',
  });
});

it('sends a text as it is, with the content type that was asked for', () => {
  expect(transformBody({ body: 'id={{data.id}}' }, emitted)).toEqual({
    ...{ body: 'id=INV-9', contentType: 'text/plain; charset=utf-8' },
  });
  expect(transformBody({ body: '<id>{{data.id}}</id>', contentType: 'application/xml' }, emitted)).toEqual({
    ...{ body: '<id>INV-9</id>', contentType: 'application/xml' },
  });
});

it('says why there is nothing to send, without values', () => {
  expect(transformBody({ body: '{{data.customer.name}}' }, emitted)).toEqual({
    fault: 'the transformation failed: data.customer.name is missing: data has no "customer". It has: id, total.',
  });
});

it('sees the body of a forwarded request if it is JSON, and null otherwise', () => {
  const transform = { body: { was: '{{data}}' } };
  expect(transformBody(transform, forwarded('{"a":12345678901234567890}', 'application/json'))).toMatchObject({
    body: '{"was":{"a":"12345678901234567890"}}',
  });
  const others = [
    forwarded('a=1', 'application/x-www-form-urlencoded'),
    forwarded('{', 'application/json'),
    forwarded(`"${'x'.repeat(1_048_576)}"`, 'application/json'),
  ];
  expect(others.map((each) => transformBody(transform, each))).toEqual(
    others.map(() => ({ body: '{"was":null}', contentType: 'application/json' })),
  );
});
