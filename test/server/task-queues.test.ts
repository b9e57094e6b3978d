import { expect, it, vi } from 'vitest';
import { nothingStuck } from '../../server/stuck.ts';
import { unknownRuns } from '../../server/stuck-runs.ts';
import { createMetrics } from '../../server/metrics.ts';
import { countUnserved, type QueueState, watchTaskQueues, type WatchedQueue } from '../../server/task-queues.ts';

const now = Date.parse('2026-11-25T01:10:00Z');

interface Described {
  pollers: { identity?: string; lastAccessTime?: { seconds: unknown; nanos: number } | null }[];
}

const askedAgo = (...seconds: number[]): Described => ({
  pollers: seconds.map((ago) => ({
    identity: `worker ${ago}`,
    lastAccessTime: { seconds: { valueOf: () => now / 1_000 - ago }, nanos: 0 },
  })),
});

/** `described` is what Temporal says of a queue by its name, and fails for those that it does not name. */
function watching(described: Record<string, Described>, queues: WatchedQueue[]) {
  const describeTaskQueue = vi.fn(({ taskQueue }: { taskQueue: { name: string } }) => {
    const answer = described[taskQueue.name];
    return answer === undefined ? Promise.reject(new Error('unavailable')) : Promise.resolve(answer);
  });
  const states = watchTaskQueues({
    services: { workflowService: { describeTaskQueue } },
    namespace: 'shop',
    queues: () => queues,
    clock: () => new Date(now),
  });
  return { describeTaskQueue, states };
}

const queue = (name: string): WatchedQueue => ({ name, tasks: 'activity', serves: 'points.add' });

it.each<[string, Described, Omit<QueueState, 'name' | 'serves'>]>([
  [
    'served while a worker has asked within 75 s',
    askedAgo(290, 75),
    {
      ...{ state: 'served', lastAskedAt: '2026-11-25T01:08:45.000Z' },
      workers: [
        { name: 'worker 75', lastAskedAt: '2026-11-25T01:08:45.000Z' },
        { name: 'worker 290', lastAskedAt: '2026-11-25T01:05:10.000Z' },
      ],
    },
  ],
  [
    'unserved when the last one asked longer ago',
    askedAgo(76, 290),
    {
      ...{ state: 'unserved', lastAskedAt: '2026-11-25T01:08:44.000Z' },
      workers: [
        { name: 'worker 76', lastAskedAt: '2026-11-25T01:08:44.000Z' },
        { name: 'worker 290', lastAskedAt: '2026-11-25T01:05:10.000Z' },
      ],
    },
  ],
  ['unserved when none has asked', { pollers: [] }, { state: 'unserved', lastAskedAt: null, workers: [] }],
  [
    'unserved when Temporal does not say when',
    { pollers: [{ lastAccessTime: null }] },
    { state: 'unserved', lastAskedAt: null, workers: [] },
  ],
])('calls a queue %s', async (_what, described, state) => {
  const { states } = watching({ points: described }, [queue('points')]);
  expect(await states()).toEqual([{ name: 'points', serves: 'points.add', ...state }]);
});

it('calls a queue unknown if Temporal does not answer, and tells of the others', async () => {
  const { states } = watching({ points: askedAgo(1) }, [queue('away'), queue('points')]);
  expect((await states()).map(({ name, state }) => [name, state])).toEqual([
    ['away', 'unknown'],
    ['points', 'served'],
  ]);
});

it('asks for the kind of tasks that wait on the queue', async () => {
  const { states, describeTaskQueue } = watching({}, [{ ...queue('a'), tasks: 'workflow' }, queue('b')]);
  await states();
  expect(describeTaskQueue.mock.calls).toEqual([
    [{ namespace: 'shop', taskQueue: { name: 'a' }, taskQueueType: 1 }],
    [{ namespace: 'shop', taskQueue: { name: 'b' }, taskQueueType: 2 }],
  ]);
});

it('asks once for all who want to know, and about fifty queues at most', async () => {
  const queues = Array.from({ length: 60 }, (_each, index) => queue(`q${index}`));
  const { states, describeTaskQueue } = watching({}, queues);
  const [first, second] = await Promise.all([states(), states()]);
  expect(describeTaskQueue).toHaveBeenCalledTimes(50);
  expect(first).toBe(second);
  expect(first).toHaveLength(60);
});

const state = (name: string, its: QueueState['state']): QueueState => ({
  name,
  serves: 'points.add',
  state: its,
  lastAskedAt: null,
  workers: [],
});

it.each([
  [0, [state('a', 'served')]],
  [1, [state('a', 'unserved'), state('b', 'unknown')]],
  [null, [state('a', 'served'), state('b', 'unknown')]],
])('counts %s queues without a worker', (count, states) => {
  expect(countUnserved(states)).toBe(count);
});

it('shows in the metrics which queues are served, and nothing of unknown ones', async () => {
  const metrics = createMetrics(() => Promise.resolve(0), {
    faults: () => ({
      definition: 0,
      activity: 0,
      preset: 0,
      source: 0,
      'mail-template': 0,
      'event-type': 0,
      secrets: 0,
      settings: 0,
      people: 0,
    }),
    waiting: () => Promise.resolve(0),
    turns: () => Promise.resolve({ waiting: 0, blocked: 0 }),
    deliveries: () => Promise.resolve({ pending: 0, refused: 0 }),
    taskQueues: () => Promise.resolve([state('a', 'served'), state('b', 'unserved'), state('c', 'unknown')]),
    stuck: () => Promise.resolve(nothingStuck),
    stuckRuns: () => Promise.resolve(unknownRuns),
    now: () => new Date(0),
    processes: () => Promise.resolve([]),
  });
  const lines = (await metrics.registry.metrics()).split('\n');
  expect(lines.filter((line) => line.startsWith('kait_task_queue_served'))).toEqual([
    'kait_task_queue_served{queue="a",serves="points.add"} 1',
    'kait_task_queue_served{queue="b",serves="points.add"} 0',
  ]);
});
