import { expect, it } from 'vitest';
import { showStatus } from '../../../cli/commands/status.ts';
import { fakeApi } from '../fake-api.ts';

const now = () => new Date('2026-01-01T12:00:00Z');
const none = { count: 0, oldest: null };
const stuck = {
  events: { pending: none, queued: none, waiting: none, failed: none, unreadable: none },
  approvals: none,
  deliveries: { pending: none, started: none, parked: none, refused: none, exhausted: none },
  silent: [],
  endpoints: [],
  rejected: [],
};
const runs = {
  ...{ running: { count: 5, oldest: null }, waiting: { count: 2, oldest: '2026-01-01T09:00:00Z' }, approval: none },
  ...{ parked: none, paused: none, undoing: none, failed: none },
};
const status = {
  ...{ version: '1.0.0', installation: 'kait-1', receiver: 'https://in.example', adminUrl: 'http://127.0.0.1:8701' },
  ...{
    database: 'postgres',
    databaseAddress: 'db.example/kait',
    stuck,
    runs,
    faults: [],
    taskQueues: [],
    processes: [],
  },
  temporal: { address: '127.0.0.1:7233', namespace: 'default', problem: null, ui: null },
  definitionsFrom: { from: 'files', set: null, problem: null, waits: null },
};

async function shown(changed: object) {
  return showStatus(fakeApi({ ...status, ...changed }).api, { now });
}

it('says that nothing needs a person, with the numbers and the addresses', async () => {
  const { text, healthy } = await shown({});
  expect(healthy).toBe(true);
  expect(text).toBe(
    [
      'Healthy: nothing needs a person.',
      '',
      'events      0 pending, 0 queued, 0 waiting, 0 failed, 0 unreadable',
      'runs        5 running, 2 waiting (oldest 3 h), 0 approval, 0 parked, 0 paused, 0 undoing, 0 failed',
      'approvals   0 open',
      'deliveries  0 pending, 0 started, 0 parked, 0 refused, 0 exhausted',
      '',
      'Kait        1.0.0, installation kait-1',
      'receiver    https://in.example',
      'API         http://127.0.0.1:8701',
      'database    postgres at db.example/kait',
      'Temporal    127.0.0.1:7233, namespace default',
    ].join('\n'),
  );
});

const failed = { ...stuck, events: { ...stuck.events, failed: { count: 2, oldest: '2026-01-01T10:30:00Z' } } };
const late = { ...stuck, events: { ...stuck.events, pending: { count: 7, oldest: '2026-01-01T11:50:00Z' } } };
const forgotten = {
  ...stuck,
  deliveries: { ...stuck.deliveries, parked: { count: 9, oldest: '2025-12-31T11:00:00Z' } },
};
const silent = { source: 'stripe\u001b[2J', last: '2026-01-01T06:00:00Z', longestPauseSeconds: 600 };
const endpoint = { id: 'ep_1', url: 'https://a.example', tenant: null, condition: 'disabled', reason: '410 Gone' };
const rejected = { source: 'stripe', reason: 'signature', count: 12, last: '2026-01-01T11:59:00Z' };
const fault = { kind: 'event-type', what: 'event-types/a.json', problem: 'x', meanwhile: 'y' };
const worker = { kind: 'worker', name: 'host:7', problem: null, notes: ['It has no activity points.add.'] };

it.each([
  [{ stuck: failed }, '2 (the oldest for 1 h 30 min) events failed: kait events --state failed'],
  [{ stuck: late }, '7 (the oldest for 10 min) events wait for Temporal: kait events --state pending'],
  [
    {
      stuck: { ...stuck, deliveries: { ...stuck.deliveries, exhausted: { count: 1, oldest: '2026-01-01T11:00:00Z' } } },
    },
    '1 (the oldest for 1 h) deliveries are exhausted: kait deliveries --state exhausted',
  ],
  [{ stuck: forgotten }, '9 (the oldest for 1 d 1 h) deliveries are parked: kait deliveries --state parked'],
  [
    { runs: { ...runs, parked: { count: 1, oldest: '2026-01-01T11:00:00Z' } } },
    '1 (the oldest for 1 h) runs are parked: kait runs --state parked',
  ],
  [
    { stuck: { ...stuck, silent: [silent] } },
    'Nothing genuine from stripe\uFFFD[2J for 6 h. Lately it was never quiet for more than 10 min.',
  ],
  [
    { stuck: { ...stuck, rejected: [rejected] } },
    'At least 12 requests to stripe rejected in the last hour (signature): kait rejections',
  ],
  [
    { stuck: { ...stuck, endpoints: [{ ...endpoint, since: '2026-01-01T10:00:00Z' }] } },
    'The endpoint https://a.example is disabled (410 Gone) for 2 h: kait endpoints show ep_1',
  ],
  [
    { stuck: { ...stuck, endpoints: [{ ...endpoint, condition: 'open', reason: null, since: null }] } },
    'The endpoint https://a.example fails, so that nothing is sent to it for now: kait endpoints show ep_1',
  ],
  [{ faults: [fault] }, 'Mistake in event-types/a.json'],
  [
    { temporal: { ...status.temporal, problem: 'Nothing answers at 127.0.0.1:7233.' } },
    'Nothing answers at 127.0.0.1:7233.',
  ],
  [
    { taskQueues: [{ name: 'points-python', serves: 'points.add', state: 'unserved' }] },
    'No worker serves the task queue points-python (points.add). What is due there waits.',
  ],
  [
    { definitionsFrom: { ...status.definitionsFrom, waits: 'Set 4 waits for a worker: none is running.' } },
    'Set 4 waits for a worker: none is running.',
  ],
  [
    { processes: [worker] },
    'The worker host:7 differs from what the published set was made for: It has no activity points.add.',
  ],
])('says what needs a person: %j', async (answer, text) => {
  const status = await shown(answer);
  expect(status.text).toContain(text);
  expect(status.text).toMatch(/^Needs a person:/);
  expect(status.healthy).toBe(false);
});

it('leaves the endpoints of tenants to them', async () => {
  const { healthy } = await shown({ stuck: { ...stuck, endpoints: [{ ...endpoint, tenant: 'acme', since: null }] } });
  expect(healthy).toBe(true);
});

it('leaves parked deliveries alone for a day, because most are sent without help', async () => {
  const parked = { count: 9, oldest: '2025-12-31T13:00:00Z' };
  const { text, healthy } = await shown({ stuck: { ...stuck, deliveries: { ...stuck.deliveries, parked } } });
  expect(text).toContain('deliveries  0 pending, 0 started, 9 parked (oldest 23 h), 0 refused, 0 exhausted\n');
  expect(healthy).toBe(true);
});

it('prints what the API answers', async () => {
  const { text } = await showStatus(fakeApi(status).api, { json: true });
  expect(JSON.parse(text)).toEqual(status);
});

it('tells of runs that have failed, which may be on purpose', async () => {
  const { text, healthy } = await shown({ runs: { ...runs, failed: { count: 3, oldest: '2025-12-30T12:00:00Z' } } });
  expect(text).toContain(
    '3 failed (oldest 2 d)\n            failed: in the last 7 days, and not retried since: kait runs --failed\n',
  );
  expect(healthy).toBe(true);
});

it('says what Temporal did not say', async () => {
  const unknown = Object.fromEntries(Object.keys(runs).map((state) => [state, null]));
  const { text } = await shown({ runs: unknown, temporal: { ...status.temporal, address: null } });
  expect(text).toContain('runs        ? running, ? waiting, ? approval, ? parked, ? paused, ? undoing, ? failed\n');
  expect(text).toContain('Temporal    not known yet, namespace default');
});
