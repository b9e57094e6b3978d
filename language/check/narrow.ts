import { isObject, type Json } from '../json.ts';
import { withStep, type Environment } from './environment.ts';
import { valueIn } from './trail.ts';

/**
 * Gives what is visible if a condition is true: `{"!!": {"var": "steps.refund"}}` proves that the step has an output, so paths
 * into it are safe. Knows only the plain forms; other conditions prove nothing.
 */
export function whereItHolds(environment: Environment, condition: Json | undefined): Environment {
  return withOutputs(environment, provenSteps(condition ?? null, true));
}

/** Gives what is visible if a condition is false, for example `{"!": {"var": "steps.refund"}}`. */
export function whereItFails(environment: Environment, condition: Json | undefined): Environment {
  return withOutputs(environment, provenSteps(condition ?? null, false));
}

function withOutputs(environment: Environment, ids: string[]): Environment {
  return ids.reduce((narrowed, id) => {
    const step = valueIn(narrowed.steps, id);
    return step === undefined ? narrowed : withStep(narrowed, id, { certainty: 'always', output: step.output });
  }, environment);
}

/** The steps that certainly have an output if the condition is true, or if it is false. */
function provenSteps(condition: Json, holds: boolean): string[] {
  const operator = operatorIn(condition);
  if (operator === undefined || !isObject(condition)) return [];
  const args = [condition[operator] ?? null].flat(1);
  const [first = null, second] = args;
  const isNullTest = second === null && operatorIn(first) === 'var';
  switch (operator) {
    case 'var':
      return holds && isFalsy(second) ? stepOf(first) : [];
    case '!!':
      return provenSteps(first, holds);
    case '!':
      return provenSteps(first, !holds);
    case 'and':
      return holds ? args.flatMap((arg) => provenSteps(arg, true)) : [];
    case 'or':
      return holds ? [] : args.flatMap((arg) => provenSteps(arg, false));
    case '!==':
    case '!=':
      return holds && isNullTest ? provenSteps(first, true) : [];
    case '===':
    case '==':
      return !holds && isNullTest ? provenSteps(first, true) : [];
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

function stepOf(path: Json): string[] {
  const [root, id] = typeof path === 'string' ? path.split('.') : [];
  return root === 'steps' && id !== undefined ? [id] : [];
}
