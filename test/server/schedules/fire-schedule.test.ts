import { expect, it } from 'vitest';
import type { NewEvent } from '../../../server/new-event.ts';
import { fireSchedule } from '../../../server/schedules/fire-schedule.ts';

const input = {
  ...{ definition: 'daily', schedule: ['0 8 * * *'], timezone: 'Asia/Jakarta', catchUpMs: 3_600_000 },
  run: 'kait-test/schedule/daily-2026-11-28T01:00:00Z',
};

async function fire(now: string, changes: Partial<typeof input> = {}) {
  const stored: NewEvent[] = [];
  const store = (entry: NewEvent) => {
    stored.push(entry);
    return Promise.resolve({ duplicate: true } as const);
  };
  const output = await fireSchedule({ store, now: () => new Date(now) }, { ...input, ...changes });
  return { output, stored };
}

it('stores the event of its time, which is the same whenever it is made', async () => {
  const { output, stored } = await fire('2026-11-28T01:00:02Z');
  expect(output).toEqual({ event: 'schedule:daily:2026-11-28T01:00:00Z', skipped: null });
  expect(stored).toMatchObject([
    {
      state: 'pending',
      event: {
        ...{ id: 'schedule:daily:2026-11-28T01:00:00Z', source: 'kait', type: 'kait:schedule', entity: 'daily' },
        ...{ occurredAt: '2026-11-28T01:00:00.000Z', receivedAt: '2026-11-28T01:00:02.000Z', payment: null },
        data: {
          ...{ scheduledFor: '2026-11-28T01:00:00.000Z', timezone: 'Asia/Jakarta', date: '2026-11-28', time: '08:00' },
        },
      },
    },
  ]);
  expect((await fire('2026-11-28T01:40:00Z')).output).toEqual(output);
});

it.each([
  ['it is too late', '2026-11-28T02:00:01Z', {}, 'It is 3601 s late'],
  [
    'the next time has come as well',
    '2026-11-28T01:20:00Z',
    { schedule: ['*/20 * * * *'] },
    'The time after it has come, 2026-11-28T01:20:00.000Z',
  ],
  [
    'nobody knows which time it is',
    '2026-11-28T01:00:00Z',
    { run: 'kait-test/schedule/daily' },
    'No schedule has started this run',
  ],
])('stores nothing if %s', async (_why, now, changes, skipped) => {
  const { output, stored } = await fire(now, changes);
  expect(output).toEqual({ event: null, skipped });
  expect(stored).toEqual([]);
});
