import type { Json } from '../json.ts';
import { isObject } from './context.ts';
import type { Path } from './report.ts';
import { verbChecks } from './verb-checks.ts';

export interface StepId {
  id: string;
  path: Path;
}

/** Every id in a list of steps and below, in the order of the text; steps of a wrong form give what they have. */
export function stepIds(list: Json | undefined, path: Path): StepId[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((step, position) => {
    if (!isObject(step)) return [];
    const stepPath = [...path, position];
    const own = typeof step.id === 'string' ? [{ id: step.id, path: [...stepPath, 'id'] }] : [];
    return [...own, ...stepListKeys().flatMap((key) => stepIds(step[key], [...stepPath, key]))];
  });
}

export function idsIn(list: Json): string[] {
  return stepIds(list, []).map(({ id }) => id);
}

/** The properties that hold steps, of any verb: ids are found even where a step's verb is not. */
function stepListKeys(): string[] {
  return Object.values(verbChecks).flatMap(({ lists }) => lists);
}
