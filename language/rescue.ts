import type { JsonObject } from './json.ts';

/**
 * How a run goes on from one that has ended. Part of the sealed input, so that only Kait's server can say whose keys a run uses; a child run
 * has its parent's word, as for the rest of its input. JSON.
 */
export interface Rescue {
  /** The workflow id from which the idempotency keys of all effects derive: that of the first run. */
  keys: string;
  /** The workflow id of the run that has ended. Null: a child run that begins anew, under the keys of the first one. */
  of: string | null;
  /** What that run knew at its end: see `workflows/rescue.ts`. Null: nothing. */
  ended: JsonObject | null;
  /** What is assumed of effects whose undo failed. Default: they stand. */
  undoFailed?: UndoFailed;
  /** The child runs that go on, too, by the keys of their steps, with how they go on. */
  children?: Record<string, Rescue>;
  /** In a child run: the keys of the steps that the run which waited for it has undone. */
  undone?: string[];
}

/** Of an effect whose undo failed, nobody but an operator knows whether it stands. */
export type UndoFailed = 'stands' | 'undone';

/** What a run that has ended answers to the query `ended`. JSON. */
export interface EndedAnswer {
  /** Its own input, and what another one would begin with. Null: it is too large. */
  left: { input: JsonObject; ended: JsonObject } | null;
  children: ChildToRescue[];
  plan: RescuePlan;
  /** Why the run cannot go on with the definition of the question. Null: it can. */
  problem: string | null;
}

/** The question `ended`. */
export interface EndedQuestion {
  undoFailed: UndoFailed;
  /** The definition with which the run is to go on. Default: its own. */
  definition?: JsonObject;
}

/** A child run that must go on with the run that started it. */
export interface ChildToRescue {
  /** Of the step. */
  key: string;
  workflowId: string;
  /** The keys of its steps that the run which waited for it has undone. */
  undone: string[];
}

/** What will become of the steps, by their keys. */
export interface RescuePlan {
  /** `resume`: nothing was undone. */
  kind: 'resume' | 'redo';
  /** Steps that keep what they have done, at most as many as fit. */
  stands: string[];
  /** Steps that were undone and are done again, under new keys. */
  again: string[];
  /** Steps that failed, were canceled or were under way, and run again under the same keys. */
  from: string[];
  /** Those of them that may have had their effect. */
  inDoubt: string[];
  /** Steps whose undo failed. */
  undoFailed: string[];
}

/**
 * The key of a step in its n-th generation: `order`, then `order~2`. A step that was undone gets the next one, so that its effect happens
 * again. No step's id has a tilde, so no other step or child run has such a key.
 */
export function keyInGeneration(key: string, generation: number): string {
  return generation === 1 ? key : `${key}~${generation}`;
}

/** The key of the step, or of its undo, whatever its generation. */
export function keyInAnyGeneration(key: string): string {
  return key.replaceAll(/~\d+/g, '');
}

/** The key of the `run` step to which the key of an undone step of its child belongs, and the key within the child. */
export function childKeyOf(key: string): { run: string; inner: string } | null {
  const parts = key.split('/');
  const inner = parts.findIndex((part, position) => position > 0 && !/^\d+$/.test(part));
  return inner < 0 ? null : { run: parts.slice(0, inner).join('/'), inner: parts.slice(inner).join('/') };
}
