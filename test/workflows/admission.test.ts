import { expect, it } from 'vitest';
import { createSlots, createTaskRoom } from '../../workflows/admission.ts';

/** A room, and how to begin the next task. */
function roomWithTasks() {
  const begun: (() => void)[] = [];
  const room = createTaskRoom(() => new Promise((resolve) => begun.push(resolve)));
  const next = async () => {
    begun.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { room, begun, next };
}

it('lets work wait for the next task once 3,000,000 bytes are asked for in this one', async () => {
  const { room, begun, next } = roomWithTasks();
  expect([room.take(1_800_000), room.take(1_200_000)]).toEqual([undefined, undefined]);
  const done: string[] = [];
  void room.take(1)?.then(() => done.push('one byte'));
  void room.take(2_999_999)?.then(() => done.push('the rest'));
  void room.take(1)?.then(() => done.push('another byte'));
  expect(begun).toHaveLength(1);
  await next();
  expect(done).toEqual(['one byte', 'the rest']);
  await next();
  expect(done).toEqual(['one byte', 'the rest', 'another byte']);
});

it('takes what is larger than a task’s room alone', () => {
  const { room } = roomWithTasks();
  expect(room.take(4_000_000)).toBeUndefined();
  expect(room.take(1)).toBeInstanceOf(Promise);
});

it('has room again for what was given back', () => {
  const { room } = roomWithTasks();
  void room.take(3_000_000);
  room.giveBack(1_000);
  expect(room.take(1_000)).toBeUndefined();
  expect(room.take(1)).toBeInstanceOf(Promise);
});

it('lets the third wait for one of two to leave, in the order of coming', async () => {
  const slots = createSlots(2);
  expect([slots.enter(), slots.enter()]).toEqual([undefined, undefined]);
  const entered: string[] = [];
  void slots.enter()?.then(() => entered.push('third'));
  void slots.enter()?.then(() => entered.push('fourth'));
  await Promise.resolve();
  expect(entered).toEqual([]);
  slots.leave();
  await Promise.resolve();
  expect(entered).toEqual(['third']);
  slots.leave();
  slots.leave();
  expect(slots.enter()).toBeUndefined();
});
