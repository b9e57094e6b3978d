import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import { type ExternalArgument, type ExternalCall, longestExternalValue } from '../language/external-activity.ts';
import { type Json, isObject } from '../language/json.ts';
import { json } from '../language/value-form.ts';
import { formatValueFaults, valueFaults } from '../language/values/check-value.ts';
import type { CallRequest } from './effects.ts';

type ExternalFunctions = Record<string, (argument: ExternalArgument) => Promise<unknown>>;

const formOfValue = json({ most: longestExternalValue });

/**
 * Has a worker of another program run an activity. Rejects with `InputInvalid` before the activity is scheduled, or with `OutputInvalid`
 * if what the worker returned does not fit its schema: the effect may have happened, so the step is in doubt.
 */
export async function callExternal(
  request: CallRequest,
  external: ExternalCall,
  run: Omit<ExternalArgument['run'], 'step'> & { idempotencyKey: string },
): Promise<Json> {
  const { key, activity, input, summary, timeoutMs, deadlineMs, heartbeatMs, retry } = request;
  const inputFault = faultOf(input, external.input);
  if (inputFault !== undefined) throw failure('InputInvalid', `${activity}: ${inputFault}`, 'none');
  const { idempotencyKey, ...place } = run;
  const functions = proxyActivities<ExternalFunctions>({
    taskQueue: external.taskQueue,
    startToCloseTimeout: timeoutMs,
    ...(deadlineMs === null ? {} : { scheduleToCloseTimeout: deadlineMs }),
    ...(heartbeatMs === null ? {} : { heartbeatTimeout: heartbeatMs }),
    retry: {
      maximumAttempts: retry.attempts,
      initialInterval: retry.firstMs,
      backoffCoefficient: retry.factor,
      maximumInterval: retry.maxMs,
      nonRetryableErrorTypes: retry.except,
    },
    // An effect under way when its run is canceled is awaited, so that its outcome is known.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    allowEagerDispatch: false, // Kait's worker has no such activity.
    activityId: key,
    summary,
  });
  const output = (await functions[activity]?.({ idempotencyKey, input, run: { ...place, step: key } })) ?? null;
  const outputFault = faultOf(output, external.output);
  if (outputFault === undefined) return output as Json; // As it was checked.
  throw failure(
    'OutputInvalid',
    `the worker on ${external.taskQueue} returned a wrong output: ${outputFault}`,
    'unknown',
  );
}

function faultOf(value: unknown, schema: ExternalCall['input']): string | undefined {
  const fault = formOfValue(value, 'it');
  if (fault !== undefined) return fault;
  if (!isObject(value as Json)) return 'expected an object';
  const faults = valueFaults(schema, value as Json);
  return faults.length === 0 ? undefined : formatValueFaults(faults.slice(0, 10));
}

function failure(type: string, message: string, effect: 'none' | 'unknown'): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ effect }] });
}
