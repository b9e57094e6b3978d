/*
 * What a run under way does, as far as lists tell it apart: two search attributes in Temporal. Both are absent while it just works.
 */

/**
 * `waiting`: for an event, or for a long time. `approval`: for people. `parked`: at a step that failed. `paused`: by an operator. `undoing`:
 * it has failed, and undoes its effects.
 */
export type RunStanding = 'waiting' | 'approval' | 'parked' | 'paused' | 'undoing';

/** Of several at once, as in branches, lists show the first of these. */
export const standingsByWeight: readonly RunStanding[] = ['parked', 'paused', 'approval', 'undoing', 'waiting'];

/** The name of the search attribute with the standing. */
export const standingAttribute = 'KaitState';
/** The name of the search attribute with the key of the step that waits or is parked. */
export const stepAttribute = 'KaitStep';

/** The states by which runs can be listed. `retried`: it has failed, and another run goes on from it. */
export const listedStates = [
  'running',
  'waiting',
  'approval',
  'parked',
  'paused',
  'undoing',
  'completed',
  'failed',
  'retried',
  'canceled',
  'terminated',
] as const;
export type ListedState = (typeof listedStates)[number];
