import {
  ActivityExecutionAlreadyStartedError,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import { errorText } from '../describe-error.ts';

/** The outcome of a start of a run or an activity. */
export type StartOutcome = { kind: 'started' } | StartFailure;

/** Why Temporal did not start a run or an activity. */
export type StartFailure =
  /** Temporal has, or had, one with this id. */
  | { kind: 'duplicate' }
  /** Temporal does not accept this start, now or later. */
  | { kind: 'refused'; reason: string; certain: true }
  /** Temporal did not answer, is overloaded, or lets nobody in: it is most likely not about this start. */
  | { kind: 'unavailable'; reason: string }
  /** An error that says nothing about whose fault it is. */
  | { kind: 'failed'; reason: string };

/** gRPC's codes for a server that is away, busy, or turns everybody down. */
const codesOfOutages = new Map([
  [1, 'CANCELLED'],
  [4, 'DEADLINE_EXCEEDED'],
  [5, 'NOT_FOUND'], // The namespace.
  [7, 'PERMISSION_DENIED'],
  [8, 'RESOURCE_EXHAUSTED'],
  [9, 'FAILED_PRECONDITION'],
  [10, 'ABORTED'],
  [12, 'UNIMPLEMENTED'],
  [14, 'UNAVAILABLE'],
  [16, 'UNAUTHENTICATED'],
]);

/** What a server says of a request that it will never take: too large for gRPC, for an argument, or with too long an id. */
const hopeless = /larger than max|size exceeds limit|length exceeds|exceeds length limit|invalid utf-?8/i;

/** Errors of the SDK that are about its connection. Some are not exported. */
const connectionErrors = ['TransportError', 'ShutdownError', 'IllegalStateError', 'DeadlineError'];

/** Tells what an error of a start is about. Whatever is not known for certain is left to the dispatcher, which sees all starts. */
export function startFailureOf(error: unknown): StartFailure {
  if (isAlreadyStarted(error)) return { kind: 'duplicate' };
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const reason = errorText(cause);
  if (isGrpcServiceError(cause)) {
    if (hopeless.test(reason)) return { kind: 'refused', reason, certain: true };
    return { kind: codesOfOutages.has(cause.code) ? 'unavailable' : 'failed', reason };
  }
  const isConnection = cause instanceof Error && connectionErrors.includes(cause.name);
  return { kind: isConnection ? 'unavailable' : 'failed', reason };
}

function isAlreadyStarted(error: unknown): boolean {
  return error instanceof WorkflowExecutionAlreadyStartedError || error instanceof ActivityExecutionAlreadyStartedError;
}
