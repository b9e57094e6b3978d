import { expect, it } from 'vitest';
import { createKeyedRateLimits, createRateLimit } from '../../server/rate-limit.ts';

function clockAt(ms: number) {
  const clock = { ms, now: () => clock.ms };
  return clock;
}

it('lets a burst pass, then the given rate, and returns how long to wait', () => {
  const clock = clockAt(1_000);
  const limit = createRateLimit({ perSecond: 2, burst: 3 }, clock.now);
  expect([limit.take(), limit.take(), limit.take(), limit.take()]).toEqual([0, 0, 0, 0.5]);
  clock.ms += 250;
  expect(limit.take()).toBe(0.25);
  clock.ms += 250;
  expect([limit.take(), limit.take()]).toEqual([0, 0.5]);
});

it('never holds more than the burst', () => {
  const clock = clockAt(0);
  const limit = createRateLimit({ perSecond: 1, burst: 2 }, clock.now);
  clock.ms += 3_600_000;
  expect([limit.take(), limit.take(), limit.take()]).toEqual([0, 0, 1]);
});

it('returns how long to wait without taking a token', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 1 }, () => 0);
  expect([limit.waitSeconds(), limit.waitSeconds(), limit.take(), limit.waitSeconds()]).toEqual([0, 0, 0, 1]);
});

it('is not drained by a clock that is set back', () => {
  const clock = clockAt(60_000);
  const limit = createRateLimit({ perSecond: 1, burst: 2 }, clock.now);
  clock.ms = 0;
  expect([limit.take(), limit.take(), limit.take()]).toEqual([0, 0, 1]);
  clock.ms = 1_000;
  expect(limit.take()).toBe(0);
});

const once = { perSecond: 1, burst: 1 };

it('keeps a bucket for each key', () => {
  const limits = createKeyedRateLimits({ capacity: 10, now: () => 0 });
  expect([limits.of('a', once).take(), limits.of('a', once).take(), limits.of('b', once).take()]).toEqual([0, 1, 0]);
});

it('starts again if the limit has changed, but not if only the object has', () => {
  const limits = createKeyedRateLimits({ capacity: 10, now: () => 0 });
  limits.of('a', once).take();
  expect(limits.of('a', { ...once }).take()).toBe(1);
  expect(limits.of('a', { perSecond: 1, burst: 2 }).take()).toBe(0);
  expect(limits.of('a', { perSecond: 2, burst: 2 }).take()).toBe(0);
});

it('forgets the key that was unused for longest', () => {
  const limits = createKeyedRateLimits({ capacity: 2, now: () => 0 });
  for (const key of ['a', 'b', 'a', 'c']) limits.of(key, once).take();
  expect([limits.of('a', once).waitSeconds(), limits.of('c', once).waitSeconds()]).toEqual([1, 1]);
  expect(limits.of('b', once).waitSeconds()).toBe(0);
});
