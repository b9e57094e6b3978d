import { describeStep } from '../../../authoring/describe-step.ts';
import { listNameOf, positionsOf, type StepPosition } from '../../../authoring/step-positions.ts';
import { printLogic } from '../../../authoring/print-logic.ts';
import type { Definition } from '../../../language/definition.ts';
import { guardOf } from '../../../language/verbs.ts';

/** A step with what it does. */
export interface StepWords {
  id: string;
  /** How many steps are around it. */
  depth: number;
  /** The list that it is the first of: `decide / then`. Null: it is not the first of a list inside another step. */
  list: string | null;
  words: string;
}

/** All steps of a definition in words, in the order in which they are written. */
export function stepWords(definition: Definition): StepWords[] {
  return [...positionsOf(definition)].map(([id, position]) => {
    const { step, siblings } = position;
    const guard = guardOf(step);
    const words = [step.title, guard === undefined ? undefined : `if ${printLogic(guard)}`, describeStep(step)];
    return {
      id,
      depth: depthOf(position),
      list: siblings[0] === id ? listNameOf(position) : null,
      words: words.filter(Boolean).join(': '),
    };
  });
}

function depthOf({ parent }: StepPosition): number {
  return parent === null ? 0 : depthOf(parent) + 1;
}
