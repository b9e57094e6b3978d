import {
  ActivityExecutionAlreadyStartedError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import { IllegalStateError, ValueError } from '@temporalio/common';
import { expect, it } from 'vitest';
import { startFailureOf } from '../../storage/start-failure.ts';
import { withDeadline } from '../../storage/with-deadline.ts';

/** As both of the SDK's connections report an answer of the server. */
function serviceError(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
  return new ServiceError('Failed to start Workflow', { cause });
}

it.each([
  ['a run', new WorkflowExecutionAlreadyStartedError('started', 'a/stripe/evt_1', 'a')],
  ['an activity', new ActivityExecutionAlreadyStartedError('started', 'fetch/mollie/notice:1', 'gateway.fetch')],
])('recognizes %s that Temporal knows already', (_what, error) => {
  expect(startFailureOf(error)).toEqual({ kind: 'duplicate' });
});

it.each([
  [3, 'Blob data size exceeds limit.'],
  [8, 'grpc: received message larger than max (6291665 vs. 4194304)'],
  [3, 'workflow ID length exceeds limit.'],
  [13, 'grpc: error unmarshalling request: string field contains invalid UTF-8'],
])('is certain that Temporal never takes a start with the code %i and "%s"', (code, details) => {
  const reason = `${code}: ${details}`;
  expect(startFailureOf(serviceError(code, details))).toEqual({ kind: 'refused', reason, certain: true });
});

it.each([
  ['CANCELLED', 1],
  ['DEADLINE_EXCEEDED', 4],
  ['NOT_FOUND, for the namespace', 5],
  ['PERMISSION_DENIED', 7],
  ['RESOURCE_EXHAUSTED, for too many requests', 8],
  ['FAILED_PRECONDITION', 9],
  ['ABORTED', 10],
  ['UNIMPLEMENTED', 12],
  ['UNAVAILABLE', 14],
  ['UNAUTHENTICATED', 16],
])('takes %s for a sign that Temporal is away', (_name, code) => {
  expect(startFailureOf(serviceError(code, 'no'))).toEqual({ kind: 'unavailable', reason: `${code}: no` });
});

it.each([
  ['UNKNOWN', 2],
  ['INVALID_ARGUMENT that names no limit, such as a missing search attribute', 3],
  ['OUT_OF_RANGE', 11],
  ['INTERNAL', 13],
  ['DATA_LOSS', 15],
  ['a code that does not exist', 99],
])('does not presume what %s means', (_name, code) => {
  expect(startFailureOf(serviceError(code, 'no'))).toEqual({ kind: 'failed', reason: `${code}: no` });
});

it('takes a start without an answer for a sign that Temporal is away', async () => {
  const error: unknown = await withDeadline(new Promise(() => undefined), 1, 'Temporal').catch(
    (thrown: unknown) => thrown,
  );
  expect(startFailureOf(error)).toEqual({ kind: 'unavailable', reason: 'Temporal did not answer within 1 ms' });
});

interface Told {
  what: string;
  error: unknown;
  kind: string;
  reason: string;
}

it.each<Told>([
  {
    what: 'a closed connection',
    error: new IllegalStateError('Client already closed'),
    kind: 'unavailable',
    reason: 'Client already closed',
  },
  {
    what: 'an input that cannot be serialised',
    error: new ValueError('cannot convert'),
    kind: 'failed',
    reason: 'cannot convert',
  },
  { what: 'an exception', error: new RangeError('too long'), kind: 'failed', reason: 'too long' },
  { what: 'something that is no error', error: 'broken', kind: 'failed', reason: 'broken' },
])('tells $what by its kind', ({ error, kind, reason }) => {
  expect(startFailureOf(error)).toEqual({ kind, reason });
});
