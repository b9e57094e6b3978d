import { allSteps } from '../language/plan.ts';
import type { Definition, Step } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { namesRunBy } from '../language/run-children.ts';
import { undoOf } from '../language/verbs.ts';
import { secretNameIn } from './describe-step.ts';

/** What a definition needs from elsewhere, and what others get from it. Each name once, in order of appearance. */
export interface Names {
  activities: string[];
  secrets: string[];
  /** Definitions that it runs. */
  definitions: string[];
  /** Outbound event types. */
  emits: string[];
  /** Event types that may come later. */
  waitsFor: string[];
}

export function gatherNames(definition: Definition): Names {
  const steps = allSteps(definition.steps);
  const actions = steps.flatMap((step) => [step, undoOf(step) ?? []].flat());
  return {
    activities: once(actions.flatMap((action) => ('call' in action ? [action.call] : []))),
    secrets: once(secretsIn(definition.steps as unknown as Json)), // A definition is JSON by construction.
    definitions: once(namesRunBy(definition)),
    emits: once(actions.flatMap((action) => ('emit' in action ? [action.emit] : []))),
    waitsFor: once(steps.flatMap((step: Step) => ('waitFor' in step ? step.waitFor : []))),
  };
}

/** In every place: those where a secret is not allowed, the checker has refused. */
function secretsIn(value: Json): string[] {
  if (value === null || typeof value !== 'object') return [];
  const name = secretNameIn(value);
  return name === undefined ? Object.values(value).flatMap(secretsIn) : [name];
}

function once(names: string[]): string[] {
  return [...new Set(names)];
}
