import { expect, it } from 'vitest';
import { nothingStuck } from '../../server/stuck.ts';
import { unknownRuns } from '../../server/stuck-runs.ts';
import { createMetrics } from '../../server/metrics.ts';

const none = { definition: 0, activity: 0, preset: 0, source: 0, 'mail-template': 0, 'event-type': 0 };

it('counts turns, and the running processes by the set that they serve, and those that cannot serve the newest', async () => {
  const metrics = createMetrics(() => Promise.resolve(0), {
    faults: () => ({ ...none, secrets: 0, settings: 0, people: 0 }),
    waiting: () => Promise.resolve(0),
    turns: () => Promise.resolve({ waiting: 3, blocked: 1 }),
    deliveries: () => Promise.resolve({ pending: 0, refused: 0 }),
    taskQueues: () => Promise.resolve([]),
    stuck: () => Promise.resolve(nothingStuck),
    stuckRuns: () => Promise.resolve(unknownRuns),
    now: () => new Date(0),
    processes: () =>
      Promise.resolve([
        { kind: 'server', serves: 4, problem: null },
        { kind: 'worker', serves: 4, problem: null },
        { kind: 'worker', serves: 4, problem: 'It has no activity points.add.' },
        { kind: 'worker', serves: null, problem: null },
      ]),
  });
  const lines = (await metrics.registry.metrics()).split('\n');
  expect(lines.filter((line) => line.startsWith('kait_turns'))).toEqual([
    'kait_turns{state="waiting"} 3',
    'kait_turns{state="blocked"} 1',
  ]);
  expect(lines.filter((line) => line.startsWith('kait_processes'))).toEqual([
    'kait_processes{kind="server",set="4"} 1',
    'kait_processes{kind="worker",set="4"} 2',
    'kait_processes{kind="worker",set="0"} 1',
    'kait_processes_behind{kind="server"} 0',
    'kait_processes_behind{kind="worker"} 1',
  ]);
});
