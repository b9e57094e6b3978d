import type { UndoneEntry } from '../simulation.ts';

/** Behind the path of a step whose undoing failed. */
export const undoFailed = ' failed';

/** `order`, or `order failed` where undoing failed. */
export function undoLine({ path, ok }: UndoneEntry): string {
  return ok ? path : `${path}${undoFailed}`;
}
