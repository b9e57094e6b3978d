import type { Step } from '../language/definition.ts';

/**
 * What operators see beside a step's activity or timer: the id, by which everything else names it, and the title. At
 * most 120 characters: Temporal takes 400 bytes.
 */
export function summaryOf(step: Step): string {
  return (step.title === undefined ? step.id : `${step.id}: ${step.title}`).slice(0, 120);
}
