import { expect, test } from 'vitest';
import { compareWithInbox } from '../../../bench/overload/compare-with-inbox.ts';

const eventIds = ['evt_1', 'evt_2', 'evt_3'];

test('finds no difference if the inbox has every acknowledged event once', () => {
  const stored = [
    { id: 'evt_2', duplicates: 0 },
    { id: 'evt_1', duplicates: 0 },
  ];
  expect(compareWithInbox({ eventIds, statuses: [200, 202, 503] }, stored)).toEqual({
    lost: 0,
    storedUnanswered: 0,
    storedThoughRejected: 0,
  });
});

test('counts an acknowledged event as lost if it is missing or stored twice', () => {
  const stored = [
    { id: 'evt_1', duplicates: 1 },
    { id: 'evt_3', duplicates: 0 },
  ];
  expect(compareWithInbox({ eventIds, statuses: [200, 200, 200] }, stored).lost).toBe(2);
});

test('separates unacknowledged events that are sent again from those that are not', () => {
  const stored = eventIds.map((id) => ({ id, duplicates: 0 }));
  expect(compareWithInbox({ eventIds, statuses: [503, 0, 401] }, stored)).toEqual({
    lost: 0,
    storedUnanswered: 2,
    storedThoughRejected: 1,
  });
});
