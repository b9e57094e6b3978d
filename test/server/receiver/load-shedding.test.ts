import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createLoadShedding } from '../../../server/receiver/load-shedding.ts';

function open(load: { pending: number | Error; free: number | Error; bodiesSpent: boolean }, disk = true) {
  const clock = { ms: 0 };
  const asked: number[] = [];
  const answer = (value: number | Error) =>
    typeof value === 'number' ? Promise.resolve(value) : Promise.reject(value);
  const shedding = createLoadShedding({
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
  return { shedding, clock, asked };
}

it('has room until it has measured that there is none, and again when there is', async () => {
  const load = { pending: 1_000, free: 500, bodiesSpent: false };
  const { shedding, asked } = open(load);
  expect(shedding.shortage()).toBeNull();
  await shedding.measure();
  expect(shedding.shortage()).toBe('backlog');
  expect(asked).toEqual([1_000]);
  load.pending = 999;
  await shedding.measure();
  expect(shedding.shortage()).toBeNull();
});

it('is short of disk below the reserve, which counts first', async () => {
  const load = { pending: 1_000, free: 499, bodiesSpent: true };
  const { shedding } = open(load);
  await shedding.measure();
  expect(shedding.shortage()).toBe('disk');
  load.free = 500;
  await shedding.measure();
  expect(shedding.shortage()).toBe('backlog');
});

it('does not look at a disk that is not its own', async () => {
  const { shedding } = open({ pending: 0, free: 0, bodiesSpent: false }, false);
  await shedding.measure();
  expect(shedding.shortage()).toBeNull();
});

it('goes by what it knew where it cannot measure, each for itself', async () => {
  const load: Parameters<typeof open>[0] = { pending: 1_000, free: 0, bodiesSpent: false };
  const { shedding } = open(load);
  await shedding.measure();
  load.pending = new Error('connection terminated');
  load.free = 1_000;
  await shedding.measure();
  expect(shedding.shortage()).toBe('backlog');
  load.pending = 0;
  load.free = new Error('ENOENT');
  await shedding.measure();
  expect(shedding.shortage()).toBeNull();
});

it('takes a full queue for full for one second', () => {
  const { shedding, clock } = open({ pending: 0, free: 1_000, bodiesSpent: false });
  shedding.noteQueueFull();
  clock.ms = 999;
  expect(shedding.shortage()).toBe('queue');
  clock.ms = 1_000;
  expect(shedding.shortage()).toBeNull();
});

it('is short of memory while the bodies have all there is', () => {
  const load = { pending: 0, free: 1_000, bodiesSpent: true };
  const { shedding } = open(load);
  expect(shedding.shortage()).toBe('bodies');
  load.bodiesSpent = false;
  expect(shedding.shortage()).toBeNull();
});

it('measures once where it is asked twice at the same time', async () => {
  const { shedding, asked } = open({ pending: 0, free: 1_000, bodiesSpent: false });
  await Promise.all([shedding.measure(), shedding.measure()]);
  expect(asked).toHaveLength(1);
  await shedding.measure();
  expect(asked).toHaveLength(2);
});
