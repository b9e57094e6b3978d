import type { RunInput, Step } from './definition.ts';

/** The steps that a run carries out, in order: those that Kait put first, then the definition's own. */
export function effectiveSteps({ first = [], definition }: Pick<RunInput, 'first' | 'definition'>): Step[] {
  return [...first, ...definition.steps];
}
