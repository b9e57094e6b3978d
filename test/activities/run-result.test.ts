import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { expect, it } from 'vitest';
import { createRunActivities, type RunActivityDeps } from '../../activities/run-result.ts';

const child = { workflowId: 'kait/pay/shop/evt/send', runId: 'first' };
const gone = new WorkflowNotFoundError('workflow not found', child.workflowId, undefined);

interface Chain {
  /** The first run of the chain whose last one has the workflow's id at present. */
  firstRunId?: string;
  isOpen?: boolean;
  /** The id of the run that started it, as Temporal says. */
  parent?: string;
  /** By run id. */
  results: Record<string, unknown>;
}

/** Temporal's client, for one workflow. Its last run is `last`. An Error as a result rejects. */
function clientOf({ firstRunId = 'first', isOpen = false, parent, results }: Chain): RunActivityDeps['client'] {
  const answer = (result: unknown) => (result instanceof Error ? Promise.reject(result) : Promise.resolve(result));
  const getHandle = (_workflowId: string, runId = '') => ({
    describe: () =>
      Promise.resolve({
        runId: 'last',
        ...(parent !== undefined && { parentExecution: { workflowId: parent } }),
        closeTime: isOpen ? undefined : new Date('2026-11-25T08:00:00Z'),
        raw: { workflowExecutionInfo: { firstRunId } },
      }),
    result: () => answer(results[runId] ?? gone),
  });
  return { getHandle } as unknown as Pick<WorkflowClient, 'getHandle'>; // Only what the activity uses.
}

function ask(chain: Chain, workflowId: string | null = 'kait/pay/shop/evt', input: unknown = child) {
  const activities = createRunActivities({ client: clientOf(chain), workflowId: () => workflowId });
  return activities['runs.result'](input);
}

const failed = (cause: Error) => new WorkflowFailedError('Workflow execution failed', cause, RetryState.TIMEOUT);
const refused = ApplicationFailure.create({ message: '400', type: 'ResponseRefused' });
const step = ApplicationFailure.create({
  message: 'Step "pay" (http.request) failed: 400',
  type: 'ResponseRefused',
  details: [{ effect: 'none' }],
  cause: new ActivityFailure('Activity task failed', 'http.request', 'pay', RetryState.TIMEOUT, 'worker', refused),
});

it.each([
  ['an output', { output: 'late', undo: [] }, { kind: 'completed', result: { output: 'late', undo: [] } }],
  ['a failed step', failed(step), { kind: 'failed', type: 'ResponseRefused', message: '400', effect: 'none' }],
  [
    'a failure that says nothing of its effect',
    failed(ApplicationFailure.create({ message: 'no', type: 'Odd' })),
    { kind: 'failed', type: 'Odd', message: 'no', effect: 'unknown' },
  ],
  ['a cancellation', failed(new CancelledFailure('canceled')), { kind: 'canceled', message: 'canceled' }],
  ['a termination', failed(new TerminatedFailure('terminated')), { kind: 'terminated', message: 'terminated' }],
  [
    'a time limit',
    failed(new TimeoutFailure('timed out', undefined, 'START_TO_CLOSE')),
    { kind: 'timedOut', message: 'timed out' },
  ],
])('tells that a child ended with %s', async (_what, last, outcome) => {
  expect(await ask({ results: { last } })).toEqual(outcome);
});

it('is tried again while the child is open', async () => {
  await expect(ask({ isOpen: true, results: {} })).rejects.toMatchObject({
    type: 'ChildRunning',
    nonRetryable: false,
    message: 'The run kait/pay/shop/evt/send is still open',
  });
});

it('takes the result of the child that was started, although another workflow has its id by now', async () => {
  const results = { first: { output: 'genuine', undo: [] }, last: { output: 'forged', undo: [] } };
  expect(await ask({ firstRunId: 'other', isOpen: true, results })).toEqual({
    kind: 'completed',
    result: { output: 'genuine', undo: [] },
  });
});

it('gives a result of up to 1,000,000 bytes, and fails at once with a larger one, which Temporal takes from no activity', async () => {
  const largest = { output: 'x'.repeat(999_977), undo: [] };
  expect(await ask({ results: { last: largest } })).toEqual({ kind: 'completed', result: largest });
  const larger = { output: 'é'.repeat(499_989), undo: [] };
  await expect(ask({ results: { last: larger } })).rejects.toMatchObject({
    type: 'ResponseTooLarge',
    nonRetryable: true,
    details: [{ effect: 'unknown' }],
  });
});

it('is in doubt about a child that Temporal has deleted', async () => {
  await expect(ask({ firstRunId: 'other', results: {} })).rejects.toMatchObject({
    type: 'ChildLost',
    nonRetryable: true,
    details: [{ effect: 'unknown' }],
  });
});

it.each([
  ['another run', 'kait/pay/shop/other'],
  ['a run whose id begins like its own', 'kait/pay/shop/ev'],
  ['itself', 'kait/pay/shop/evt/send'],
  ['no run', null],
])('tells nothing of a child to %s', async (_whom, workflowId) => {
  const asked = ask({ results: { last: { output: 'secret', undo: [] } } }, workflowId);
  await expect(asked).rejects.toMatchObject({
    type: 'InputInvalid',
    nonRetryable: true,
    message: 'runs.result: kait/pay/shop/evt/send is no child of this run',
  });
});

it('refuses an input of another form', async () => {
  await expect(ask({ results: {} }, 'kait/pay/shop/evt', { workflowId: '' })).rejects.toMatchObject({
    type: 'InputInvalid',
  });
});

it('finds the child that a retried step has started before', async () => {
  const client = clientOf({ parent: 'kait/pay/shop/evt', results: {} });
  const activities = createRunActivities({ client, workflowId: () => 'kait/pay/shop/evt' });
  expect(await activities['runs.find']({ workflowId: child.workflowId })).toEqual(child);
});

it.each([
  ['a run without a parent', undefined, child.workflowId, 'ChildLost'],
  ['a child of another run', 'kait/pay/shop/other', child.workflowId, 'ChildLost'],
  ['a run with the id of no child', 'kait/pay/shop/evt', 'kait/pay/shop/other/send', 'InputInvalid'],
])('finds no %s', async (_what, parent, workflowId, type) => {
  const client = clientOf({ ...(parent !== undefined && { parent }), results: {} });
  const activities = createRunActivities({ client, workflowId: () => 'kait/pay/shop/evt' });
  await expect(activities['runs.find']({ workflowId })).rejects.toMatchObject({ type });
});
