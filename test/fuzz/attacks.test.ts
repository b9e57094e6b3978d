import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { InboundRequest } from '../../server/gateway/request-view.ts';
import { createRandom } from '../chaos/random.ts';
import { createAttacks } from './attacks.ts';
import { requestBytes } from './http-text.ts';

const request: InboundRequest = {
  method: 'POST',
  url: '/in/stripe?x=1',
  headers: { 'stripe-signature': 't=1', 'x-twice': ['a', 'b'] },
  body: Buffer.from('{"id":"evt_1"}'),
};
const burdens = {
  ...{ batches: [request], endless: [request], poison: [request] },
  bodies: [{ contentType: 'application/xml', body: Buffer.from('<a>') }],
};
const material = { genuine: [request], forged: [request], sealed: [request], burdens };

it('writes a request with its length, or in chunks that say theirs', () => {
  const small = { between: () => 10 };
  expect(requestBytes(request, { last: true }, small).toString()).toBe(
    'POST /in/stripe?x=1 HTTP/1.1\r\nhost: kait.test\r\nstripe-signature: t=1\r\nx-twice: a\r\nx-twice: b\r\n' +
      'content-length: 14\r\nconnection: close\r\n\r\n{"id":"evt_1"}',
  );
  expect(requestBytes(request, { chunked: true }, small).toString()).toContain(
    'transfer-encoding: chunked\r\n\r\na\r\n{"id":"evt\r\n4\r\n_1"}\r\n0\r\n\r\n',
  );
});

it('does the same for the same seed, and something else for another', () => {
  const attacks = (seed: number) => {
    const next = createAttacks(material, createRandom(seed, 'attacks'));
    return Array.from({ length: 200 }, () => {
      const { chunks, ...attack } = next();
      return { ...attack, chunks: chunks.map((chunk) => createHash('sha256').update(chunk).digest('hex')) };
    });
  };
  expect(attacks(7)).toEqual(attacks(7));
  expect(attacks(7)).not.toEqual(attacks(8));
});

it('makes every kind, and counts how many of its requests are genuine', () => {
  const next = createAttacks(material, createRandom(1, 'attacks'));
  const attacks = Array.from({ length: 3_000 }, next);
  expect([...new Set(attacks.map(({ kind }) => kind))].sort()).toEqual([
    ...['batch', 'chunked', 'damaged', 'endless', 'forged', 'genuine', 'heavy', 'hostile', 'noise', 'oversized'],
    ...['pipelined', 'poison', 'stalling', 'truncated', 'vanishing'],
  ]);
  const pipelined = attacks.filter(({ kind }) => kind === 'pipelined');
  const requests = pipelined.map((attack) => attack.requests);
  expect(pipelined.map(({ acknowledged }) => acknowledged)).toEqual(requests);
  expect(pipelined.map(({ chunks }) => Buffer.concat(chunks).toString().match(/POST/g)?.length)).toEqual(requests);
  expect(new Set(attacks.filter(({ kind }) => kind === 'forged').map(({ acknowledged }) => acknowledged))).toEqual(
    new Set([0]),
  );
});
