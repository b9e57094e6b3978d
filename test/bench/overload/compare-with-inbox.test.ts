import { expect, test } from 'vitest';
import { compareWithInbox } from '../../../bench/overload/compare-with-inbox.ts';

const eventIds = ['evt_1', 'evt_2', 'evt_3'];

test('An inbox with every acknowledged event once differs in nothing', () => {
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

test('An acknowledged event that is missing, or that came twice, is lost', () => {
  const stored = [
    { id: 'evt_1', duplicates: 1 },
    { id: 'evt_3', duplicates: 0 },
  ];
  expect(compareWithInbox({ eventIds, statuses: [200, 200, 200] }, stored).lost).toBe(2);
});

test('What is stored without an acknowledgement may be only what the gateway sends again', () => {
  const stored = eventIds.map((id) => ({ id, duplicates: 0 }));
  expect(compareWithInbox({ eventIds, statuses: [503, 0, 401] }, stored)).toEqual({
    lost: 0,
    storedUnanswered: 2,
    storedThoughRejected: 1,
  });
});
