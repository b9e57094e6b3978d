import { expect, it } from 'vitest';
import { fakeApi } from '../fake-api.ts';
import { showStatus } from '../../../cli/commands/status.ts';

it('shows the status as JSON, and what is wrong in words', async () => {
  const fault = {
    kind: 'definition',
    what: 'workflows/shop.json',
    problem: 'workflows/shop.json:5:7 error KAIT1101',
    meanwhile: 'The last good version runs (0123456789ab).',
  };
  const { api } = fakeApi({ version: '1', faults: [fault] });
  const warnings: string[] = [];
  const shown = await showStatus(api, (text) => warnings.push(text));
  expect(JSON.parse(shown)).toEqual({ version: '1', faults: [fault], taskQueues: [] });
  expect(warnings.join('')).toContain(
    'Mistake in workflows/shop.json. The last good version runs (0123456789ab).\nworkflows/shop.json:5:7 error KAIT1101',
  );
});

it('names the task queues without a worker, and none of which nothing is known', async () => {
  const taskQueues = [
    { name: 'kait-abc', serves: 'runs', state: 'served', lastAskedAt: '2026-11-25T01:00:00.000Z' },
    { name: 'points-python', serves: 'points.add', state: 'unserved', lastAskedAt: null },
    { name: 'labels-go', serves: 'labels.print', state: 'unknown', lastAskedAt: null },
  ];
  const { api } = fakeApi({ taskQueues });
  const warnings: string[] = [];
  await showStatus(api, (text) => warnings.push(text));
  expect(warnings).toEqual([
    'No worker serves the task queue points-python (points.add). What is due there waits.\n\n',
  ]);
});

it('says what the newest published set waits for, and which processes differ from what it was made for', async () => {
  const worker = { kind: 'worker', name: 'host:7', problem: null, notes: ['It has no activity points.add.'] };
  const answer = {
    definitionsFrom: { from: 'published', waits: 'Set 4 waits for a worker: none is running.' },
    processes: [worker, { ...worker, name: 'host:8', notes: [] }],
  };
  const warnings: string[] = [];
  const { api } = fakeApi(answer);
  await showStatus(api, (text) => warnings.push(text));
  expect(warnings).toEqual([
    'Set 4 waits for a worker: none is running.\n\n',
    'The worker host:7 differs from what the published set was made for: It has no activity points.add.\n\n',
  ]);
});

it('knows every kind of mistake', async () => {
  const fault = { kind: 'event-type', what: 'event-types/a.json', problem: 'x', meanwhile: 'y' };
  const { api } = fakeApi({ faults: [fault] });
  expect(JSON.parse(await showStatus(api, () => undefined))).toMatchObject({ faults: [fault] });
});
