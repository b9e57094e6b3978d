import { afterBranch, type Environment } from '../environment.ts';
import type { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import type { CheckContext } from '../context.ts';
import type { JsonShape } from '../json-shape.ts';
import type { Path } from '../report.ts';

/** A step under check. Its form was checked and reported, but may be wrong: anything may be missing. */
export interface StepCheck extends CheckContext {
  step: JsonObject;
  path: Path;
  /** Checks a list of steps, starting from `environment`; returns what is visible after it. */
  checkSteps: (list: Json | undefined, path: Path, environment: Environment) => Environment;
  /** Likewise one step, where it stands by itself. */
  checkStep: (step: Json, path: Path, environment: Environment) => Environment;
  /** Every id in a list of steps and below. */
  idsIn: (list: Json | undefined) => string[];
}

/** What the checker knows of a verb. A new verb is one of these and its entry in `verb-checks.ts`. */
export interface VerbCheck {
  /** The form of a step with this verb, without the steps inside it. Strict. */
  schema: z.ZodObject;
  /** Checks what is inside the step; returns what its inside makes visible after it. */
  check: (step: StepCheck) => Environment;
  /** The form of the step's output; undefined where it may be anything. */
  outputOf: (step: StepCheck) => JsonShape | undefined;
  /** Whether a run that goes on may have null as the output, since nothing came in time. */
  timesOut?: (step: JsonObject) => boolean;
}

export const nullOutput: JsonShape = { type: 'null' };

const text: JsonShape = { type: 'string' };
/** What handlers see as `error`. */
export const errorShape: JsonShape = {
  type: 'object',
  properties: { type: text, message: text, step: { type: ['string', 'null'] } },
  additionalProperties: false,
};
export const numberShape: JsonShape = { type: 'number' };

export function objectShape(properties: Record<string, JsonShape>): JsonShape {
  return { type: 'object', properties, additionalProperties: false };
}

/**
 * Checks the steps of an `onTimeout` or `onReject`, which run sometimes and see `seen`; returns what is visible after
 * `environment` and them. Words hold no steps.
 */
export function checkReaction(
  step: StepCheck,
  key: string,
  environment: Environment,
  seen: Environment = environment,
): Environment {
  const steps = step.step[key];
  if (!Array.isArray(steps)) return environment;
  return afterBranch(environment, step.checkSteps(steps, [...step.path, key], seen), 'sometimes', seen);
}
