import type { JsonObject } from './json.ts';

/** What a run needs to know of an activity that a worker of another program runs. */
export interface ExternalCall {
  /** Where its worker asks for work. */
  taskQueue: string;
  /** JSON Schema, as far as `values/value-schema.ts` knows it. */
  input: JsonObject;
  output: JsonObject;
}

/** The longest input and output as JSON, in characters: as much as the answer to an `http` step. */
export const longestExternalValue = 262_144;

/** The only argument of such an activity. Workers rely on it: see docs/EXTENDING.md. */
export interface ExternalArgument {
  /** `<workflow id>/<step id>`: the same for every attempt of a step, and of no other. */
  idempotencyKey: string;
  input: JsonObject;
  run: {
    workflowId: string;
    /** The definition's name. */
    definition: string;
    /** The step's key: its id, followed by the index of each enclosing loop, and by `undo`. */
    step: string;
    source: string;
    eventId: string;
  };
}

/** The names of task queues that Kait gives itself, whatever the installation is: see `storage/installation.ts`. */
const generatedQueue = /^kait-[2-9a-z]{6}(?:-large|-deliveries)?$/;

/**
 * Why a worker of another program cannot use a task queue; undefined if it can. `installation` is the id of the one that asks; while it is
 * not known, only the names that Kait generates are.
 */
export function taskQueueProblem(name: string, installation?: string): string | undefined {
  const isOwn =
    installation !== undefined && [installation, `${installation}-large`, `${installation}-deliveries`].includes(name);
  if (isOwn || generatedQueue.test(name))
    return 'is a task queue of Kait’s own workers, which would not know the activity';
  if (/^(?:\/|__|temporal-sys)/.test(name)) return 'is a name that Temporal keeps for itself';
  return undefined;
}
