import { expect, it } from 'vitest';
import { decidesSchedules } from '../../../server/schedules/decides-schedules.ts';

type Processes = Parameters<typeof decidesSchedules>[1];

const server = (id: string, serves: number | null, second: number): Processes[number] => ({
  ...{ id, kind: 'server', serves },
  servesSince: new Date(`2026-11-28T01:00:0${second}Z`),
});
const deciders = (processes: Processes) =>
  processes.map(({ id }) => id).filter((id) => decidesSchedules(id, processes));

it.each<[string, Processes, string[]]>([
  ['the only server', [server('a', null, 0)], ['a']],
  ['the server with the newest set, although another one began later', [server('a', 5, 0), server('b', 4, 9)], ['a']],
  ['the server that began last, of those with the same set', [server('a', 5, 1), server('b', 5, 2)], ['b']],
  ['the server that began last, of those with folders', [server('a', null, 2), server('b', null, 1)], ['a']],
  ['a server with a set, rather than one with its folder', [server('a', null, 9), server('b', 1, 0)], ['b']],
  ['one of two that began at once', [server('a', 5, 1), server('b', 5, 1)], ['b']],
  ['no worker', [{ ...server('w', 9, 9), kind: 'worker' }, server('a', 5, 1)], ['a']],
  ['nobody, if nobody has reported', [], []],
])('lets %s set the schedules', (_who, processes, expected) => {
  expect(deciders(processes)).toEqual(expected);
});

it('does not let a server decide that has not reported yet', () => {
  expect(decidesSchedules('new', [server('a', 5, 1)])).toBe(false);
});
