import type { Definition, Step } from '../../language/definition.ts';

/** The most that a definition may have. */
export const longSteps = 500;
/** How often its loop is passed, so that a run takes 1,997 steps. */
const passages = 4;

/** A definition of 500 steps that anybody may start: a loop over four items with 499 steps in it, of which each tenth has a condition that is not met. */
export function longDefinition(name = 'long'): Definition {
  const within = Array.from({ length: longSteps - 1 }, (_, index): Step => {
    const step = { id: `s${index + 1}`, title: `Step ${index + 1}`, set: { last: index + 1 } };
    return index % 10 === 9 ? { ...step, if: { '>': [{ var: 'vars.last' }, 1_000] } } : step;
  });
  return {
    name,
    title: 'As long as a definition may be',
    on: { manual: { type: 'object', properties: {}, additionalProperties: false } },
    vars: { last: 0 },
    steps: [
      {
        id: 'all',
        title: 'All of it, four times',
        forEach: { in: Array.from({ length: passages }, (_, index) => index + 1) },
        do: within,
      },
    ],
  };
}
