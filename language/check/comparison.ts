import { isObject, type Json } from '../json.ts';
import type { CheckContext } from './context.ts';
import { typesOf, type JsonShape } from './json-shape.ts';
import { resolveReference } from './references.ts';
import type { Path } from './report.ts';

const orderings = ['<', '<=', '>', '>='];
const equalities = ['===', '!==', '==', '!='];

/** Reports a comparison that fails or has the same result for every event: `amount >= "1000"`. */
export function checkComparison(operator: string, args: Json[], path: Path, context: CheckContext): void {
  const isOrdering = orderings.includes(operator);
  if (!isOrdering && !equalities.includes(operator)) return;
  const types = args.map((arg) => typesOfPart(arg, context));
  const at = types.findIndex((left, position) => !canBeCompared(operator, left, types[position + 1])); // a < b < c
  const [left, right] = types.slice(at);
  if (at < 0 || left === undefined || right === undefined) return;
  const outcome = isOrdering ? 'fails the run' : 'always has the same result';
  const message = `This compares ${inWords(left)} with ${inWords(right)}, which ${outcome}.`;
  context.report.add('KAIT1308', { path, on: 'key' }, message, hintFor(left, right));
}

/** JSON types without null, because almost every path may be null. Undefined: any type is possible. */
export type Types = Set<string> | undefined;

function canBeCompared(operator: string, left: Types, right: Types): boolean {
  if (left === undefined || right === undefined) return true;
  const shared = [...left].filter((type) => right.has(type));
  if (orderings.includes(operator)) return shared.some((type) => type === 'number' || type === 'string');
  const isLoose = operator === '==' || operator === '!=';
  if (isLoose && [...left, ...right].every((type) => type === 'number' || type === 'string')) return true; // "12" == 12
  return shared.length > 0;
}

/** Undefined: any type is possible. */
function typesOfPart(part: Json, context: CheckContext): Types {
  if (typeof part === 'string' && part.includes('{{')) return undefined; // Reported as braces.
  if (typeof part === 'string' || typeof part === 'number' || typeof part === 'boolean') return new Set([typeof part]);
  if (!isObject(part)) return undefined;
  const path = Array.isArray(part.var) ? part.var[0] : part.var;
  if (typeof path !== 'string' || Object.keys(part).length > 1) return undefined;
  const hasDefault = Array.isArray(part.var) && part.var.length > 1;
  return hasDefault ? undefined : typesWithoutNull(resolveReference(path, context.environment, hasDefault).shape);
}

export function typesWithoutNull(shape: JsonShape | undefined): Types {
  const types = shape === undefined ? undefined : typesOf(shape);
  types?.delete('null');
  return types?.size === 0 ? undefined : types;
}

const words: Readonly<Record<string, string>> = { string: 'a text', array: 'a list', object: 'an object' };

export function inWords(types: Set<string>): string {
  return [...types].map((type) => words[type] ?? `a ${type}`).join(' or ');
}

function hintFor(left: Set<string>, right: Set<string>): string | undefined {
  const mixed = (left.has('number') && right.has('string')) || (left.has('string') && right.has('number'));
  return mixed ? 'Convert a text with {"number": …}. A number in quotes is a text.' : undefined;
}
