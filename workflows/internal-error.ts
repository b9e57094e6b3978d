import type { Effects } from './effects.ts';
import { cutText } from '../language/well-formed.ts';
import { mostMessageLength, RunError, RunStopped } from './run-error.ts';

/** UTF-16 code units. Workers in other languages choose types of their own. */
const mostTypeLength = 200;

/**
 * Makes a failure of a step of what no step throws on purpose: a bug in the interpreter, an error of Temporal's SDK. So the run's
 * effects are undone, and the failure is where operators look. Failures, stops and cancellations stay what they are.
 */
export function asStepFailure(error: unknown, stepId: string | null, effects: Effects): unknown {
  if (error instanceof RunError || error instanceof RunStopped || effects.isCancellation(error)) return error;
  const { type, message } = effects.describe(error);
  const where = stepId === null ? 'The run' : `Step "${stepId}"`;
  return new RunError('InternalError', stepId, `${where} failed inside Kait: ${type}: ${message}`, { cause: error });
}

/**
 * Effects whose waits fail if their condition throws, and whose failures are short. Hosts check conditions outside of any step, where an
 * error would fail the run's task forever, and so would a failure that is too long.
 */
export function safeEffects(effects: Effects): Effects {
  return {
    ...effects,
    describe(error) {
      const { type, message, ...answer } = effects.describe(error);
      return { type: cutText(type, mostTypeLength), message: cutText(message, mostMessageLength), ...answer };
    },
    async waitUntil(holds, ms, summary) {
      const troubles: unknown[] = [];
      const safely = (): boolean => {
        try {
          return holds();
        } catch (error) {
          troubles.push(error);
          return true;
        }
      };
      const met = await effects.waitUntil(safely, ms, summary);
      if (troubles.length > 0) throw troubles[0];
      return met;
    },
  };
}
