import { ExpressionError } from './expression-error.ts';
import type { Json } from './json.ts';
import { lookUp, requireAt } from './path.ts';

/** How one evaluation treats paths that lead nowhere. */
export interface Tolerance {
  /** The value at a path within `data`. What is not there is an error, except under `orNull`. */
  valueAt: (path: string, data: Json) => Json;
  /** What `evaluate` returns, or null where it asks for a path that leads nowhere. Other errors pass. */
  orNull: (evaluate: () => Json) => Json;
}

/**
 * An error that is caught at once has no message of its own: to find out which key was meant takes longer than all the rest, and
 * a loop may miss thousands of times.
 */
export function createTolerance(): Tolerance {
  let tolerant = false;
  let missing: ExpressionError | undefined;
  return {
    valueAt(path, data) {
      if (!tolerant) return requireAt(path, data);
      const lookup = lookUp(path, data);
      if (lookup.found) return lookup.value;
      throw (missing ??= new ExpressionError('KAIT_PATH_MISSING', 'A path leads nowhere.'));
    },
    orNull(evaluate) {
      const before = tolerant;
      tolerant = true;
      try {
        return evaluate();
      } catch (error) {
        if (error instanceof ExpressionError && error === missing) return null;
        throw error;
      } finally {
        tolerant = before;
      }
    },
  };
}
