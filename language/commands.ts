/** What operators command about a step: the names of the updates of a run. */
export const stepVerbs = ['retry', 'skip', 'setResult', 'editInput'] as const;
export type StepVerb = (typeof stepVerbs)[number];

/** What they command about a whole run. */
export const runVerbs = ['pause', 'resume'] as const;
export type RunVerb = (typeof runVerbs)[number];
