import type { Step } from '../language/definition.ts';
import { branchesOf } from '../language/verbs.ts';

/** A step and the list that it stands in. */
export interface PlacedStep {
  step: Step;
  parent: PlacedStep | null;
  /** Of the list below the parent: `then`, `case 2`, `onTimeout`; for the definition's own list, ''. */
  branch: string;
  /** Ids of all steps of that list, in order. */
  siblings: string[];
}

/** Every step with its place, by id, in the order in which they are written. */
export function placeSteps(steps: Step[]): Map<string, PlacedStep> {
  const places = new Map<string, PlacedStep>();
  const place = (list: Step[], parent: PlacedStep | null, branch: string): void => {
    const siblings = list.map(({ id }) => id);
    for (const step of list) {
      const placed: PlacedStep = { step, parent, branch, siblings };
      places.set(step.id, placed);
      for (const { label, steps: inner } of branchesOf(step)) place(inner, placed, label);
    }
  };
  place(steps, null, '');
  return places;
}

/** `notify / parallel`; null for the definition's own list. */
export function listNameOf({ parent, branch }: PlacedStep): string | null {
  return parent === null ? null : `${parent.step.id} / ${branch}`;
}
