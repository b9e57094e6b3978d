import { expect, it } from 'vitest';
import type { Json } from '../../../language/json.ts';
import { eventForRun, type StoredEvent } from '../../../storage/waits/event-for-run.ts';
import { sampleEvent } from '../../server/sample-event.ts';

const envelope = { ...sampleEvent(), data: undefined };
const stored: StoredEvent = {
  ...{ row: 1, envelope, gateway: 'stripe', item: 0 },
  body: { bytes: Buffer.from('{}'), contentType: 'application/json' },
};
const dataFor = (data: Json, matched: string[]) => eventForRun(stored, () => () => data, matched).data;
const large = 'x'.repeat(150_000);

it('has all of its data if that fits', () => {
  expect(dataFor({ ref: 'r1', note: 'n' }, [])).toEqual({ ref: 'r1', note: 'n' });
});

it('has only what a match compares if its data is too large, so that it still matches', () => {
  const data = { ref: 'r1', note: large, lines: [{ sku: 'a', text: large }, { sku: 'b' }] };
  const matched = ['event.payment.id', 'event.data.ref', 'event.data.lines.1.sku'];
  expect(dataFor(data, matched)).toEqual({ ref: 'r1', lines: [null, { sku: 'b' }] });
});

it('has no data if what a match compares is too large as well', () => {
  expect(dataFor({ ref: large }, ['event.data.ref'])).toBeNull();
});
