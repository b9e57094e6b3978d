import type { RunInput, Step, StepStatus } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { childSteps } from '../language/plan.ts';
import type { Scope } from '../language/scope.ts';

/** What a run knows while it is going on. Objects have no prototype: step ids and names are the author's. */
export interface RunState {
  outputs: JsonObject;
  status: Record<string, StepStatus>;
  vars: JsonObject;
  /** Unix ms by step id. */
  startedAt: Record<string, number>;
  endedAt: Record<string, number>;
  /** What went wrong, by step id. */
  errors: Record<string, string>;
}

/** All steps `pending`. Outputs appear as steps end, so that a reference to one that has not run is an error. */
export function newRunState(steps: Step[]): RunState {
  const state: RunState = {
    outputs: bare(),
    status: bare(),
    vars: bare(),
    startedAt: bare(),
    endedAt: bare(),
    errors: bare(),
  };
  for (const step of allSteps(steps)) state.status[step.id] = 'pending';
  return state;
}

/** The roots that expressions and templates see. */
export function scopeOf(input: RunInput, runId: string, state: RunState): Scope {
  return {
    event: input.event as unknown as Json, // An envelope is JSON by construction; interfaces lack the index signature.
    steps: state.outputs,
    status: state.status,
    vars: state.vars,
    run: { id: runId, definition: input.definition.name },
  };
}

/** The steps and every step below them, in the order in which they are written. */
export function allSteps(steps: Step[]): Step[] {
  return steps.flatMap((step) => [step, ...allSteps(childSteps(step))]);
}

function bare<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}
