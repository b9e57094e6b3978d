import { expect, it } from 'vitest';
import { readRows, type ClaimedRow } from '../../server/read-claimed.ts';

/** Nobody looks at the event. */
const event = {
  ...{ event_id: 'e', source: 's', gateway: 'g', type: 't', native_type: 't', entity: null, envelope: {} },
  ...{ occurred_at: new Date(0), received_at: new Date(0) },
  ...{ order_id: null, payment_id: null, currency: null, amount: null },
};
const row = (id: number, bytes: number, bodyId = id): ClaimedRow => ({
  ...{ ...event, id, body_id: bodyId, found: 3, bytes: Buffer.alloc(bytes), content_type: 'text/plain' },
  ...{ item: 0, begun_at: null, doubtful: false, runs: null },
});
const large = 256 * 1024;

/** What happens while rows are read, if reading a body takes so long without a break. */
async function readingOf(rows: ClaimedRow[], busyMs: number): Promise<string[]> {
  const log: string[] = [];
  let now = 0;
  const readData = () => {
    log.push('read');
    now += busyMs;
    return () => null;
  };
  const pause = (ms: number) => {
    log.push(ms === 0 ? 'turn' : `pause ${ms}`);
    return Promise.resolve();
  };
  await readRows(rows, readData, { now: () => now, pause });
  return log;
}

it.each([
  ['leaves other work as much time as a large body took', large, 300, ['read', 'pause 300', 'read', 'pause 300']],
  ['leaves other work half a second at most after each', large, 900, ['read', 'pause 500', 'read', 'pause 500']],
  [
    'leaves other work only a turn after a large body that is read at once',
    large,
    10,
    ['read', 'turn', 'read', 'turn'],
  ],
  ['does not stop between small bodies', 1_000, 10, ['read', 'read']],
])('%s', async (_what, bytes, busyMs, expected) => {
  expect(await readingOf([row(1, bytes), row(2, bytes)], busyMs)).toEqual(expected);
});

it('reads a body once for all of its events', async () => {
  expect(await readingOf([row(1, large, 7), row(2, 0, 7), row(3, 0, 7)], 300)).toEqual(['read', 'pause 300']);
});
