import type { CallStep, StepDefaults } from '../../language/definition.ts';
import { parseDuration } from '../../language/duration.ts';
import type { Json } from '../../language/json.ts';
import type { CallRequest, RetryMs } from '../effects.ts';
import { summaryOf } from '../summary.ts';
import type { RunContext } from '../interpreter.ts';
import { RunError } from '../run-error.ts';

/** `call`: runs an activity; the output is the activity's. */
export function performCall(step: CallStep, run: RunContext): Promise<Json> {
  const input = run.renderFields(step.id, step.with ?? {});
  const limits = {
    timeout: step.timeout ?? run.input.definition.defaults?.timeout,
    retry: { ...run.input.definition.defaults?.retry, ...step.retry },
  };
  return callActivity(run, {
    stepId: step.id,
    activity: step.call,
    input,
    summary: summaryOf(step),
    ...limitsMs(limits),
  });
}

/** Runs an activity for a step, and says which step it was when it fails. */
export async function callActivity(run: RunContext, request: CallRequest): Promise<Json> {
  try {
    return await run.effects.call(request);
  } catch (error) {
    if (run.effects.isCancellation(error)) throw error;
    const message = `Step "${request.stepId}" (${request.activity}) failed: ${run.effects.reason(error)}`;
    throw new RunError('StepFailed', request.stepId, message, { cause: error });
  }
}

/** Fills in what the definition leaves out: 30 s an attempt; 20 attempts over about an hour. */
export function limitsMs(limits: { timeout: StepDefaults['timeout'] | undefined; retry: StepDefaults['retry'] }): {
  timeoutMs: number;
  retry: RetryMs;
} {
  const { attempts = 20, first = '1s', factor = 2, max = '5m' } = limits.retry ?? {};
  return {
    timeoutMs: parseDuration(limits.timeout ?? '30s'),
    retry: { attempts, firstMs: parseDuration(first), factor, maxMs: parseDuration(max) },
  };
}
