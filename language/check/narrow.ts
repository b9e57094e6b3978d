import { isObject, type Json } from '../json.ts';
import { pathParts } from '../path-parts.ts';
import { withStep, type Environment } from './environment.ts';
import { valueIn } from './trail.ts';

/**
 * Gives what is visible if a condition is true: `{"!!": {"var": "steps.refund"}}` proves that the step has an output, so paths
 * into it are safe, and that the path itself leads to something. Knows only the plain forms; other conditions prove nothing.
 */
export function whereItHolds(environment: Environment, condition: Json | undefined): Environment {
  return withProven(environment, provenPaths(condition ?? null, true));
}

/** Gives what is visible if a condition is false, for example `{"!": {"var": "steps.refund"}}`. */
export function whereItFails(environment: Environment, condition: Json | undefined): Environment {
  return withProven(environment, provenPaths(condition ?? null, false));
}

function withProven(environment: Environment, paths: string[]): Environment {
  if (paths.length === 0) return environment;
  const present = new Set([...environment.present, ...paths]);
  return paths.flatMap(stepOf).reduce<Environment>(
    (narrowed, id) => {
      const step = valueIn(narrowed.steps, id);
      return step === undefined ? narrowed : withStep(narrowed, id, { certainty: 'always', output: step.output });
    },
    { ...environment, present },
  );
}

/** The paths that certainly lead to something if the condition is true, or if it is false. */
function provenPaths(condition: Json, holds: boolean): string[] {
  const operator = operatorIn(condition);
  if (operator === undefined || !isObject(condition)) return [];
  const args = [condition[operator] ?? null].flat(1);
  const [first = null, second] = args;
  const isNullTest = second === null && operatorIn(first) === 'var';
  switch (operator) {
    case 'var':
      return holds && isFalsy(second) && typeof first === 'string' ? [first] : [];
    case '!!':
      return provenPaths(first, holds);
    case '!':
      return provenPaths(first, !holds);
    case 'and':
      return holds ? args.flatMap((arg) => provenPaths(arg, true)) : [];
    case 'or':
      return holds ? [] : args.flatMap((arg) => provenPaths(arg, false));
    case '!==':
    case '!=':
      return holds && isNullTest ? provenPaths(first, true) : [];
    case '===':
    case '==':
      return !holds && isNullTest ? provenPaths(first, true) : [];
    default:
      return [];
  }
}

function operatorIn(logic: Json): string | undefined {
  const [operator, ...others] = isObject(logic) ? Object.keys(logic) : [];
  return others.length === 0 ? operator : undefined;
}

/** A default that makes the condition true proves nothing. */
function isFalsy(fallback: Json | undefined): boolean {
  return fallback === undefined || fallback === null || fallback === false;
}

function stepOf(path: string): string[] {
  const [root, id] = pathParts(path);
  return root === 'steps' && id !== undefined ? [id] : [];
}
