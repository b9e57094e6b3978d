import { expect, it } from 'vitest';
import { createRequestQueue, type RequestQueue } from '../../../storage/pglite/request-queue.ts';

const statement = { kind: 'query', sql: 'select 1', values: [] } as const;
const ordinary = (id: number) => ({ ...statement, id, transaction: null, urgent: false });
const urgent = (id: number) => ({ ...statement, id, transaction: null, urgent: true });
const within = (transaction: number, id: number) => ({ ...statement, id, transaction, urgent: false });
const begin = (id: number) => ({ kind: 'begin', id }) as const;
const end = (transaction: number, id: number) => ({ kind: 'end', id, transaction, commit: true }) as const;
const close = (id: number) => ({ kind: 'close', id }) as const;

function queueOf(...requests: Parameters<RequestQueue['add']>[0][]): RequestQueue {
  const queue = createRequestQueue();
  for (const request of requests) queue.add(request);
  return queue;
}

/** The next `count` ids while the same transaction is open. */
function taken(queue: RequestQueue, count: number, openTransaction: number | null = null): (number | undefined)[] {
  return Array.from({ length: count }, () => queue.next(openTransaction)?.id);
}

it('keeps the order of ordinary statements and transactions', () => {
  expect(taken(queueOf(ordinary(1), begin(2), ordinary(3)), 4)).toEqual([1, 2, 3, undefined]);
});

it('lets an urgent statement pass those that wait', () => {
  expect(taken(queueOf(ordinary(1), ordinary(2), urgent(3)), 3)).toEqual([3, 1, 2]);
});

it('lets an ordinary statement follow each urgent one, so that a stream of urgent ones stops nothing', () => {
  const queue = queueOf(ordinary(1), ordinary(2), ordinary(3), urgent(4), urgent(5), urgent(6));
  expect(taken(queue, 6)).toEqual([4, 1, 5, 2, 6, 3]);
});

it('does urgent statements one after the other if nothing else waits', () => {
  expect(taken(queueOf(urgent(1), urgent(2), urgent(3)), 3)).toEqual([1, 2, 3]);
});

it('does nothing but an open transaction until it ends', () => {
  const queue = queueOf(urgent(2), ordinary(3), within(1, 4));
  expect(taken(queue, 2, 1)).toEqual([4, undefined]);
  queue.add(end(1, 5));
  expect(taken(queue, 1, 1)).toEqual([5]);
  expect(taken(queue, 2)).toEqual([2, 3]);
});

it('answers at once what belongs to a transaction that has ended', () => {
  expect(taken(queueOf(ordinary(2), within(1, 3), end(1, 4)), 3)).toEqual([3, 4, 2]);
});

it('closes when everything else is done', () => {
  const queue = queueOf(begin(1), ordinary(2), close(3), within(1, 4));
  expect(taken(queue, 1, 1)).toEqual([4]);
  expect(taken(queue, 1, 1)).toEqual([undefined]);
  expect(taken(queue, 4)).toEqual([1, 2, 3, undefined]);
});
