import type { WaitStep } from '../../language/definition.ts';
import { parseDuration } from '../../language/duration.ts';
import type { Json } from '../../language/json.ts';
import { summaryOf } from '../summary.ts';
import type { RunContext } from '../interpreter.ts';
import { RunError } from '../run-error.ts';

/** `wait`: a durable timer. An instant that has passed does not wait. The output is null. */
export async function performWait(step: WaitStep, run: RunContext): Promise<null> {
  const ms =
    typeof step.wait === 'string'
      ? parseDuration(step.wait)
      : instantMs(step.id, run.render(step.id, step.wait.until)) - run.effects.now();
  if (ms > furthestMs) {
    throw new RunError('ExpressionFailed', step.id, `Step "${step.id}": until is more than 366 days away`);
  }
  if (ms > 0) await run.effects.sleep(ms, summaryOf(step));
  return null;
}

/** The longest that a run waits for an instant: a mistyped year must not keep a run open for ever. */
const furthestMs = 366 * 24 * 60 * 60 * 1000;
const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function instantMs(stepId: string, value: Json): number {
  const ms = typeof value === 'string' && rfc3339.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) {
    const got = JSON.stringify(value);
    throw new RunError('ExpressionFailed', stepId, `Step "${stepId}": until expects an RFC 3339 instant, got ${got}`);
  }
  return ms;
}
