import { expect, it } from 'vitest';
import { createVirtualClock } from '../../simulator/virtual-clock.ts';

it('rings timers in the order of their instants, and of one instant in the order in which they were set', () => {
  const clock = createVirtualClock(1_000);
  const rung: string[] = [];
  const note = (name: string) => () => rung.push(`${name} ${clock.nowMs()}`);
  clock.setTimer(50, note('b'));
  clock.setTimer(10, note('a'));
  clock.setTimer(50, note('c'));
  clock.setTimer(60, note('never')).stop();
  clock.setTimer(-5, note('at once'));
  while (clock.nextMs() !== undefined) clock.advance();
  expect(rung).toEqual(['at once 1000', 'a 1010', 'b 1050', 'c 1050']);
});

it('takes timers that are set while one rings, and bears one that is stopped twice', () => {
  const clock = createVirtualClock(0);
  const rung: number[] = [];
  const first = clock.setTimer(10, () => clock.setTimer(0, () => rung.push(clock.nowMs())));
  clock.advance();
  first.stop();
  first.stop();
  clock.advance();
  clock.advance();
  expect(rung).toEqual([10]);
  expect(clock.nextMs()).toBeUndefined();
});
