import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createOverload } from '../../../server/receiver/overload.ts';

function open(load: { pending: number | Error; free: number | Error; bodiesSpent: boolean }, disk = true) {
  const clock = { ms: 0 };
  const asked: number[] = [];
  const answer = (value: number | Error) =>
    typeof value === 'number' ? Promise.resolve(value) : Promise.reject(value);
  const overload = createOverload({
    bodies: { isSpent: () => load.bodiesSpent },
    backlog: {
      limit: 1_000,
      size: (limit) => {
        asked.push(limit);
        return answer(load.pending);
      },
    },
    disk: disk ? { freeBytes: () => answer(load.free), reserveBytes: 500 } : null,
    log: pino({ level: 'silent' }),
    now: () => clock.ms,
  });
  return { overload, clock, asked };
}

it('is overloaded from the measurement that finds no room until the one that finds some', async () => {
  const load = { pending: 1_000, free: 500, bodiesSpent: false };
  const { overload, asked } = open(load);
  expect(overload.shortage()).toBeNull();
  await overload.measure();
  expect(overload.shortage()).toBe('backlog');
  expect(asked).toEqual([1_000]);
  load.pending = 999;
  await overload.measure();
  expect(overload.shortage()).toBeNull();
});

it('is short of disk below the reserve, and reports that first', async () => {
  const load = { pending: 1_000, free: 499, bodiesSpent: true };
  const { overload } = open(load);
  await overload.measure();
  expect(overload.shortage()).toBe('disk');
  load.free = 500;
  await overload.measure();
  expect(overload.shortage()).toBe('backlog');
});

it('does not measure the disk if it has none of its own', async () => {
  const { overload } = open({ pending: 0, free: 0, bodiesSpent: false }, false);
  await overload.measure();
  expect(overload.shortage()).toBeNull();
});

it('keeps the last value of a measurement that fails, and takes the other', async () => {
  const load: Parameters<typeof open>[0] = { pending: 1_000, free: 0, bodiesSpent: false };
  const { overload } = open(load);
  await overload.measure();
  load.pending = new Error('connection terminated');
  load.free = 1_000;
  await overload.measure();
  expect(overload.shortage()).toBe('backlog');
  load.pending = 0;
  load.free = new Error('ENOENT');
  await overload.measure();
  expect(overload.shortage()).toBeNull();
});

it('counts a full queue as full for one second', () => {
  const { overload, clock } = open({ pending: 0, free: 1_000, bodiesSpent: false });
  overload.noteQueueFull();
  clock.ms = 999;
  expect(overload.shortage()).toBe('queue');
  clock.ms = 1_000;
  expect(overload.shortage()).toBeNull();
});

it('is short of memory while bodies take up all of it', () => {
  const load = { pending: 0, free: 1_000, bodiesSpent: true };
  const { overload } = open(load);
  expect(overload.shortage()).toBe('bodies');
  load.bodiesSpent = false;
  expect(overload.shortage()).toBeNull();
});

it('measures once if asked twice at the same time', async () => {
  const { overload, asked } = open({ pending: 0, free: 1_000, bodiesSpent: false });
  await Promise.all([overload.measure(), overload.measure()]);
  expect(asked).toHaveLength(1);
  await overload.measure();
  expect(asked).toHaveLength(2);
});
