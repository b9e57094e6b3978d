import { type WorkflowClient, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, RetryState } from '@temporalio/common';
import { expect, it } from 'vitest';
import { readRun } from '../../../server/runs/read-run.ts';
import { details } from '../../cli/runs/sample-run.ts';

interface Told {
  describe: () => Promise<unknown>;
  query: () => Promise<unknown>;
  result: () => Promise<unknown>;
}

const described = (name: string, pendingActivities: object[] = []) => ({
  ...{ status: { name }, type: 'order', startTime: new Date(0), historyLength: 7, raw: { pendingActivities } },
  closeTime: name === 'RUNNING' ? undefined : new Date(5_000),
});
const never = () => new Promise(() => undefined);
const read = (told: Partial<Told>) => {
  const handle = {
    describe: () => Promise.resolve(described('RUNNING')),
    query: () => Promise.resolve(details()),
    result: never,
    ...told,
  };
  return readRun({ workflows: () => ({ getHandle: () => handle }) as unknown as WorkflowClient, queryMs: 50 }, 'run');
};

it('reads attempts between two tries, and under way', async () => {
  const seconds = (value: number) => ({ seconds: value, nanos: 0 });
  const activities = [
    {
      ...{ activityId: 'pay', activityType: { name: 'orders.create' }, attempt: 3, maximumAttempts: 20 },
      ...{ lastStartedTime: seconds(10), nextAttemptScheduleTime: seconds(60), lastFailure: { message: 'down\u001b' } },
    },
    { activityId: 'mail', activityType: { name: 'mail.send' }, attempt: 1, lastStartedTime: seconds(20) },
    {},
  ];
  const {
    calls,
    status,
    details: told,
  } = await read({ describe: () => Promise.resolve(described('RUNNING', activities)) });
  expect(status).toBe('RUNNING');
  expect(told).toEqual(details());
  expect(calls).toEqual([
    {
      ...{ key: 'pay', activity: 'orders.create', attempt: 3, mostAttempts: 20 },
      ...{
        startedAt: '1970-01-01T00:00:10.000Z',
        nextAttemptAt: '1970-01-01T00:01:00.000Z',
        lastFailure: 'down\uFFFD',
      },
    },
    {
      ...{ key: 'mail', activity: 'mail.send', attempt: 1, mostAttempts: null },
      ...{ startedAt: '1970-01-01T00:00:20.000Z', nextAttemptAt: null, lastFailure: null },
    },
    {
      ...{ key: '', activity: '', attempt: 1, mostAttempts: null },
      ...{ startedAt: null, nextAttemptAt: null, lastFailure: null },
    },
  ]);
});

it('tells how a run failed although no worker answers', async () => {
  const cause = ApplicationFailure.nonRetryable('no money', 'CardDeclined');
  const reading = await read({
    describe: () => Promise.resolve(described('FAILED')),
    query: never,
    result: () => Promise.reject(new WorkflowFailedError('failed', cause, RetryState.RETRY_POLICY_NOT_SET)),
  });
  expect(reading).toMatchObject({
    ...{ temporal: 'known', status: 'FAILED', closedAt: '1970-01-01T00:00:05.000Z', details: null },
    missing: 'No worker answers for the run, so its steps are not known: A worker did not answer within 50 ms',
    failure: { type: 'CardDeclined', message: 'no money' },
  });
});

it.each([
  ['in a wrong form', () => Promise.resolve({ steps: 'all' })],
  ['with nothing', () => Promise.resolve(undefined)],
])('takes no answer %s', async (_what, query) => {
  const { details: told, missing } = await read({ query });
  expect(told).toBeNull();
  expect(missing).toMatch(/^The run answers in a form that Kait does not know/);
});

it.each([
  ['gone', new WorkflowNotFoundError('no such run', 'run', undefined)],
  ['unreachable', new Error('connection refused')],
  ['unreachable', new WorkflowNotFoundError('namespace x is not found', 'run', undefined)],
])('says that the run is %s', async (temporal, error) => {
  const reading = await read({ describe: () => Promise.reject(error) });
  expect(reading).toMatchObject({ temporal, status: null, details: null, calls: [] });
  expect(reading.missing).toMatch(/^Temporal does not/);
});

it('shows and masks the result', async () => {
  const reading = await read({
    describe: () => Promise.resolve(described('COMPLETED')),
    result: () => Promise.resolve({ id: 'ord_1', token: 'abc' }),
  });
  expect(reading.result).toEqual({ value: { id: 'ord_1', token: '[secret]' } });
});
