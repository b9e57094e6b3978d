import { afterBranch, type Environment } from '../environment.ts';
import type { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import type { CheckContext } from '../context.ts';
import type { JsonShape } from '../json-shape.ts';
import type { Path } from '../report.ts';

/** A step under check. Its form has been checked but may be wrong, so anything may be missing. */
export interface StepCheck extends CheckContext {
  step: JsonObject;
  path: Path;
  /** Checks a list of steps, starting from `environment`; returns what is visible after it. */
  checkSteps: (list: Json | undefined, path: Path, environment: Environment) => Environment;
  /** Checks one step, likewise. */
  checkStep: (step: Json, path: Path, environment: Environment) => Environment;
  /** Every id in a list of steps and below. */
  idsIn: (list: Json | undefined) => string[];
}

/** The check of a verb. A new verb needs one of these and an entry in `verb-checks.ts`. */
export interface VerbCheck {
  /** The form of a step with this verb, without the steps inside it. Strict. */
  schema: z.ZodObject;
  /** Checks the inside of the step. Returns what is visible after it. */
  check: (step: StepCheck) => Environment;
  /** The shape of the output. Undefined: any value is possible. */
  outputOf: (step: StepCheck) => JsonShape | undefined;
  /** Whether the output may be null because nothing arrived in time. */
  timesOut?: (step: JsonObject) => boolean;
}

export const nullOutput: JsonShape = { type: 'null' };

const text: JsonShape = { type: 'string' };
/** The shape of `error` in handlers. */
export const errorShape: JsonShape = {
  type: 'object',
  properties: {
    type: text,
    message: text,
    step: { type: ['string', 'null'] },
    status: { type: ['integer', 'null'] },
    body: {},
    headers: { type: ['object', 'null'], additionalProperties: text },
  },
  additionalProperties: false,
};
/** The shape of `error` in `afterUndo`. */
export const afterUndoErrorShape: JsonShape = {
  ...errorShape,
  properties: { ...errorShape.properties, notUndone: { type: 'array', items: text } },
};
export const numberShape: JsonShape = { type: 'number' };

export function objectShape(properties: Record<string, JsonShape>): JsonShape {
  return { type: 'object', properties, additionalProperties: false };
}

/**
 * Checks the steps of `onTimeout` or `onReject`, which run sometimes and see `seen`. Returns what is visible after them and
 * `environment`.
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
