import type { EmitStep } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { summaryOf } from '../summary.ts';
import type { RunContext } from '../interpreter.ts';
import { callActivity, limitsMs } from './call.ts';

/** The activity behind the verb. */
export const emitActivity = 'outbound.emit';

/**
 * `emit`: records an outbound webhook for every subscribed endpoint. The step is done when they are recorded; deliveries
 * are retried for days beside the run. The output is `{ messageId, deliveries }`.
 */
export function performEmit(step: EmitStep, run: RunContext): Promise<Json> {
  const { timeout, retry } = run.input.definition.defaults ?? {};
  return callActivity(run, {
    stepId: step.id,
    activity: emitActivity,
    input: { type: step.emit, data: run.renderFields(step.id, step.with ?? {}) },
    summary: summaryOf(step),
    ...limitsMs({ timeout, retry }),
  });
}
