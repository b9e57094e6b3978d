import { expect, it } from 'vitest';
import { needsOf, type Status } from '../../console/pages/home/needs.ts';

const none = { count: 0, oldest: null };
const at = '2026-11-28T10:00:00.000Z';
const nowMs = Date.parse('2026-11-28T10:05:00.000Z');

const quiet = {
  temporal: { problem: null },
  definitionsFrom: { problem: null },
  taskQueues: [{ name: 'kait', serves: 'runs', state: 'served', lastAskedAt: at }],
  faults: [],
  stuck: {
    events: { pending: none, queued: none, waiting: none, failed: none, unreadable: none },
    approvals: none,
    deliveries: { pending: none, started: none, parked: none, refused: none, exhausted: none },
    silent: [],
    endpoints: [],
    rejected: [],
  },
  runs: { running: none, waiting: none, approval: none, parked: none, paused: none, undoing: none, failed: none },
} as unknown as Status;

const needed = (status: unknown) =>
  needsOf(status as Status, nowMs).map(({ what, count, href }) => [what, count, href] as const);

it('needs nobody while everything goes on', () => {
  expect(needsOf(quiet, nowMs)).toEqual([]);
});

it('leads from what is stuck to the list that has it', () => {
  const two = { count: 2, oldest: at };
  const stuck = {
    ...quiet.stuck,
    events: { ...quiet.stuck.events, failed: two, unreadable: two },
    deliveries: { ...quiet.stuck.deliveries, exhausted: two },
  };
  expect(needed({ ...quiet, stuck, runs: { ...quiet.runs, parked: two } })).toEqual([
    ['parkedRuns', 2, '/runs?state=parked'],
    ['failedEvents', 2, '/events?state=failed'],
    ['unreadableEvents', 2, '/events?state=unreadable'],
    ['exhaustedDeliveries', 2, '/deliveries?state=exhausted'],
  ]);
});

it('puts what is broken before what somebody was asked, and what is there for longest first', () => {
  const later = '2026-11-28T10:01:00.000Z';
  const stuck = {
    ...quiet.stuck,
    approvals: { count: 1, oldest: '2026-11-01T00:00:00.000Z' },
    events: { ...quiet.stuck.events, failed: { count: 1, oldest: later } },
    deliveries: { ...quiet.stuck.deliveries, refused: { count: 1, oldest: at } },
  };
  expect(needed({ ...quiet, stuck }).map(([what]) => what)).toEqual(['refusedDeliveries', 'failedEvents', 'approvals']);
});

it('lets pending events wait for a minute', () => {
  const pending = (oldest: string) => ({
    ...quiet,
    stuck: { ...quiet.stuck, events: { ...quiet.stuck.events, pending: { count: 3, oldest } } },
  });
  expect(needed(pending('2026-11-28T10:04:30.000Z'))).toEqual([]);
  expect(needed(pending(at))).toEqual([['latePending', 3, '/events?state=pending']]);
});

it('tells what Temporal does not answer for as little as what is not there', () => {
  const unknown = {
    running: null,
    waiting: null,
    approval: null,
    parked: null,
    paused: null,
    undoing: null,
    failed: null,
  };
  expect(needed({ ...quiet, runs: unknown, temporal: { problem: 'It is away' } })).toEqual([
    ['temporal', 1, '/system'],
  ]);
});

it('names each source, queue and file', () => {
  const stuck = {
    ...quiet.stuck,
    silent: [{ source: 'xendit', last: at, longestPauseSeconds: 60 }],
    rejected: [
      { source: 'a/b', reason: 'signature', count: 7, last: at },
      { source: 'unknown', reason: 'no-source', count: 2, last: at },
    ],
  };
  const taskQueues = [{ name: 'risk', serves: 'an activity', state: 'unserved', lastAskedAt: null }];
  const faults = [{ kind: 'definition', what: 'workflows/a.json', problem: 'broken', meanwhile: 'kept' }];
  expect(
    needsOf({ ...quiet, stuck, taskQueues, faults } as unknown as Status, nowMs).map(
      ({ what, subject, detail, count, href }) => [what, subject, detail, count, href],
    ),
  ).toEqual([
    ['unserved', 'risk', 'an activity', 1, '/system'],
    ['fault', 'workflows/a.json', 'broken', 1, '/definitions'],
    ['rejected', 'a/b', 'signature', 7, '/sources/a%2Fb?reason=signature'],
    ['rejected', 'unknown', 'no-source', 2, '/rejections?source=unknown&reason=no-source'],
    ['silent', 'xendit', null, 1, '/sources/xendit'],
  ]);
});

it('offers a remedy for all of a kind where there is one', () => {
  const two = { count: 2, oldest: at };
  const stuck = {
    ...quiet.stuck,
    events: { ...quiet.stuck.events, failed: two, unreadable: two },
    approvals: two,
    deliveries: { ...quiet.stuck.deliveries, exhausted: two, refused: two },
  };
  const runs = { ...quiet.runs, parked: two, failed: two };
  const found = needsOf({ ...quiet, stuck, runs }, nowMs);
  expect(Object.fromEntries(found.map(({ what, remedy }) => [what, remedy]))).toEqual({
    parkedRuns: { kind: 'retry-parked' },
    failedRuns: { kind: 'retry-failed' },
    failedEvents: { kind: 'offer-again' },
    unreadableEvents: null,
    refusedDeliveries: { kind: 'send-again', state: 'refused', since: at },
    exhaustedDeliveries: { kind: 'send-again', state: 'exhausted', since: at },
    approvals: null,
  });
});

it('names endpoints in trouble, resumes those that are disabled, and leaves those of tenants to them', () => {
  const endpoint = { id: 'ep_1', url: 'https://a.example', tenant: null, reason: '410 Gone', since: at };
  const endpoints = [
    { ...endpoint, condition: 'disabled' },
    { ...endpoint, id: 'ep_2', condition: 'open', reason: null },
    { ...endpoint, id: 'ep_3', condition: 'failing', tenant: 'acme' },
  ];
  const found = needsOf({ ...quiet, stuck: { ...quiet.stuck, endpoints } } as unknown as Status, nowMs);
  expect(found.map(({ what, tone, detail, href, remedy }) => [what, tone, detail, href, remedy])).toEqual([
    ['disabledEndpoint', 'bad', '410 Gone', '/endpoints/ep_1', { kind: 'resume-endpoint', id: 'ep_1' }],
    ['failingEndpoint', 'bad', null, '/endpoints/ep_2', null],
    ['failingEndpoint', 'warn', '410 Gone', '/endpoints/ep_3', null],
  ]);
});
