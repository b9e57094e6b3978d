import type { Json } from '../json.ts';
import { isObject, type CheckContext } from './context.ts';
import { typesOf } from './json-shape.ts';
import { resolveReference } from './references.ts';
import type { Path } from './report.ts';

const orderings = ['<', '<=', '>', '>='];
const equalities = ['===', '!==', '==', '!='];

/** Reports a comparison whose outcome is an error, or always the same, whatever the event: `amount >= "1000"`. */
export function checkComparison(operator: string, args: Json[], path: Path, context: CheckContext): void {
  const isOrdering = orderings.includes(operator);
  if (!isOrdering && !equalities.includes(operator)) return;
  const [left, right] = args.map((arg) => typesOfPart(arg, context));
  if (left === undefined || right === undefined) return;
  const shared = [...left].filter((type) => right.has(type));
  const isLoose = operator === '==' || operator === '!=';
  if (isLoose && [...left, ...right].every((type) => type === 'number' || type === 'string')) return; // "12" == 12
  const comparable = isOrdering ? shared.some((type) => type === 'number' || type === 'string') : shared.length > 0;
  if (comparable) return;
  const outcome = isOrdering ? 'fails the run' : 'is always the same';
  const message = `This compares ${list(left)} with ${list(right)}, which ${outcome}.`;
  context.report.add('KAIT1308', { path, on: 'key' }, message, hintFor(left, right));
}

/** Undefined: it may be anything. Null is left out, which almost every path may be. */
function typesOfPart(part: Json, context: CheckContext): Set<string> | undefined {
  if (typeof part === 'string' && part.includes('{{')) return undefined; // Reported as braces.
  if (typeof part === 'string' || typeof part === 'number' || typeof part === 'boolean') return new Set([typeof part]);
  if (!isObject(part)) return undefined;
  const path = Array.isArray(part.var) ? part.var[0] : part.var;
  if (typeof path !== 'string' || Object.keys(part).length > 1) return undefined;
  const hasDefault = Array.isArray(part.var) && part.var.length > 1;
  const { shape } = resolveReference(path, context.environment, hasDefault);
  const types = shape === undefined ? undefined : typesOf(shape);
  if (types === undefined || hasDefault) return undefined;
  types.delete('null');
  return types.size === 0 ? undefined : types;
}

function list(types: Set<string>): string {
  const names = [...types].map((type) => (type === 'string' ? 'a text' : type === 'array' ? 'a list' : `a ${type}`));
  return names.join(' or ');
}

function hintFor(left: Set<string>, right: Set<string>): string | undefined {
  const mixed = (left.has('number') && right.has('string')) || (left.has('string') && right.has('number'));
  return mixed ? 'A text becomes a number by {"number": …}; a number in quotes is a text.' : undefined;
}
