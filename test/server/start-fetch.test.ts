import { ActivityExecutionAlreadyStartedError, ServiceError, type ActivityOptions } from '@temporalio/client';
import { expect, it } from 'vitest';
import { createStartFetch } from '../../server/start-fetch.ts';
import { sampleEvent } from './sample-event.ts';

const notice = sampleEvent({
  id: 'notice:1',
  source: 'mollie',
  gateway: 'mollie_classic',
  type: 'mollie_classic:notice',
});

function setUp(start: () => Promise<unknown> = () => Promise.resolve()) {
  const started: [string, ActivityOptions][] = [];
  const client = {
    start: (activity: string, options: ActivityOptions) => {
      started.push([activity, options]);
      return start();
    },
  };
  return { startFetch: createStartFetch({ client, installation: 'kait-test' }), started };
}

it('starts one activity for a notice on the deliveries’ queue, which itself decides when to give up', async () => {
  const { startFetch, started } = setUp();
  expect(await startFetch(notice)).toEqual({ kind: 'done', runs: [], duplicates: 0, fetching: true });
  expect(started).toEqual([
    [
      'gateway.fetch',
      expect.objectContaining({
        id: 'kait-test/fetch/mollie/notice:1',
        idReusePolicy: 'ALLOW_DUPLICATE',
        taskQueue: 'kait-test-deliveries',
        args: [{ source: 'mollie', eventId: 'notice:1' }],
        priority: { fairnessKey: 'fetch/mollie' },
      }),
    ],
  ]);
});

it('counts as done if the activity is running', async () => {
  const before = new ActivityExecutionAlreadyStartedError(
    'started',
    'kait-test/fetch/mollie/notice:1',
    'gateway.fetch',
  );
  const { startFetch } = setUp(() => Promise.reject(before));
  expect(await startFetch(notice)).toMatchObject({ kind: 'done', fetching: true });
});

it('leaves it open whose fault it is if Temporal does not answer, so that the notice is tried again', async () => {
  const away = new ServiceError('Failed to start', { cause: grpcError(14, 'connection refused') });
  const { startFetch } = setUp(() => Promise.reject(away));
  expect(await startFetch(notice)).toEqual({
    kind: 'unstarted',
    runs: [],
    reason: 'connection refused',
    temporalSeemsDown: true,
  });
});

it('refuses a notice whose activity would have too long an id, without asking Temporal', async () => {
  const { startFetch, started } = setUp();
  const reason = 'The id takes 1023 bytes, and Temporal accepts 1000';
  expect(await startFetch({ ...notice, id: 'x'.repeat(1_000) })).toEqual({
    kind: 'refused',
    runs: [],
    reason,
    certain: true,
  });
  expect(started).toEqual([]);
});

function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(details), { code, details, metadata: {} });
}
