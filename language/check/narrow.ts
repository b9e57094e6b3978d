import type { Json } from '../json.ts';
import { isObject } from './context.ts';
import type { Environment } from './environment.ts';

/**
 * What is visible where a condition has held: `{"!!": {"var": "steps.refund"}}` says that the step has an output, so a path
 * into it is no longer in doubt. Knows the plain forms only; from all others nothing follows.
 */
export function whereItHolds(environment: Environment, condition: Json | undefined): Environment {
  const proven = provenSteps(condition ?? null);
  if (proven.length === 0) return environment;
  let { steps } = environment;
  for (const id of proven) {
    const step = steps.get(id);
    if (step !== undefined) steps = steps.with(id, { certainty: 'always', output: step.output });
  }
  return { ...environment, steps };
}

/** The steps whose output, or a part of it, is surely there where the condition holds. */
function provenSteps(condition: Json): string[] {
  if (!isObject(condition)) return [];
  const [operator, ...others] = Object.keys(condition);
  if (operator === undefined || others.length > 0) return [];
  const args = [condition[operator] ?? null].flat(1);
  const [first = null, second] = args;
  if (operator === 'var') return stepOf(first);
  if (operator === '!!') return provenSteps(first);
  if (operator === 'and') return args.flatMap(provenSteps);
  if (operator === '!==' && second === null) return provenSteps(first);
  return [];
}

function stepOf(path: Json): string[] {
  const [root, id] = typeof path === 'string' ? path.split('.') : [];
  return root === 'steps' && id !== undefined ? [id] : [];
}
