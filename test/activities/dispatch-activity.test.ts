import { expect, it } from 'vitest';
import { createDispatchActivity } from '../../activities/dispatch-activity.ts';
import { activityFailure } from '../../activities/failure-types.ts';

/** `http.request` is one that the worker has. It refuses its input. */
const dispatch = (name: string, isOther: boolean) =>
  createDispatchActivity({
    latest: () => ({ catalogue: { all: { 'http.request': {} as never } }, defined: new Map() }),
    engine: { 'http.request': () => Promise.reject(activityFailure('InputInvalid', 'no such input')) } as never,
    ownDeps: {} as never,
    activityType: () => name,
    isOther: () => isOther,
  })({}, {});

const elsewhere = { type: 'ActivityElsewhere', nonRetryable: true, details: [{ effect: 'none' }] };

it('fails an attempt for an activity that nobody knows so that it is tried again', async () => {
  await expect(dispatch('points.add', false)).rejects.toMatchObject({
    ...{ type: 'ActivityUnknown', nonRetryable: false, message: 'The worker has no activity points.add' },
    details: [{ effect: 'none' }],
  });
});

it('fails an attempt with an input that the activity refuses for good', async () => {
  await expect(dispatch('http.request', false)).rejects.toMatchObject({ type: 'InputInvalid', nonRetryable: true });
});

it.each(['points.add', 'http.request'])(
  'gives an attempt back to the run if the published set was made for another %s than this worker has or lacks',
  async (name) => {
    await expect(dispatch(name, true)).rejects.toMatchObject(elsewhere);
  },
);
