import { argumentsOf, describeArity, operatorOf, takes } from '../expression.ts';
import type { Json, JsonObject } from '../json.ts';
import { operatorNames } from '../operators/operators.ts';
import { checkComparison } from './comparison.ts';
import { checkReference, type CheckContext } from './context.ts';
import { didYouMean, type Path } from './report.ts';
/** Where paths start: at the roots, at an item whose form is not known, or at reduce's pair. */
type PathsStart = 'roots' | 'item' | 'reduce';

const perItemOperators = ['map', 'filter', 'all', 'some', 'none', 'reduce'];
const readingOperators = ['var', 'missing', 'missing_some'];

/** Checks an expression where a condition is expected. */
export function checkCondition(logic: Json, path: Path, context: CheckContext): void {
  checkLogic(logic, path, context);
  if (readsSomething(logic)) return;
  const hint = typeof logic === 'string' ? `Did you mean {"var": "${logic.slice(0, 60)}"}?` : undefined;
  context.report.add('KAIT1305', { path }, 'This condition reads nothing, so its result is always the same.', hint);
}

/** Checks an expression whose value is used as such. */
export function checkLogic(logic: Json, path: Path, context: CheckContext): void {
  checkPart(logic, path, context, 'roots');
}

function checkPart(logic: Json, path: Path, context: CheckContext, start: PathsStart): void {
  if (typeof logic === 'string' && logic.includes('{{')) {
    const hint = 'Write {"var": "event.payment.amount"}.';
    context.report.add('KAIT1306', { path }, 'Braces have no meaning within an expression.', hint);
  }
  if (logic === null || typeof logic !== 'object') return;
  if (!Array.isArray(logic)) return checkOperation(logic, path, context, start);
  for (const [position, item] of logic.entries()) checkPart(item, [...path, position], context, start);
}

function checkOperation(logic: JsonObject, path: Path, context: CheckContext, start: PathsStart): void {
  const found = operatorOf(logic);
  if (found === undefined) return reportNoOperator(logic, path, context);
  const { name, operator } = found;
  const args = argumentsOf(name, logic);
  if (!takes(operator, args.length)) {
    const message = `"${name}" takes ${describeArity(operator)}, and has ${args.length}.`;
    context.report.add('KAIT1302', { path: [...path, name], on: 'key' }, message);
  }
  if (name === 'literal') return;
  if (start === 'roots') checkComparison(name, args, [...path, name], context);
  const argsPath = [...path, name];
  const pathOf = (position: number) => (Array.isArray(logic[name]) ? [...argsPath, position] : argsPath);
  for (const [position, arg] of args.entries()) {
    checkPart(
      arg,
      pathOf(position),
      name === 'coalesce' ? { ...context, mayMiss: true } : context,
      perItemOperators.includes(name) && position === 1 ? startIn(name) : start,
    );
  }
  if (name === 'var') checkVariable(args, pathOf(0), context, start);
  if (name === 'missing') checkPaths(args, pathOf, context, start);
  if (name === 'missing_some' && Array.isArray(args[1])) {
    checkPaths(args[1], (position) => [...pathOf(1), position], context, start);
  }
}

function startIn(operator: string): PathsStart {
  return operator === 'reduce' ? 'reduce' : 'item';
}

function checkVariable([reference, fallback]: Json[], path: Path, context: CheckContext, start: PathsStart): void {
  if (typeof reference === 'string') checkPath(reference, path, context, start, fallback !== undefined);
}

function checkPaths(keys: Json[], pathOf: (position: number) => Path, context: CheckContext, start: PathsStart): void {
  for (const [position, key] of keys.entries()) {
    if (typeof key === 'string') checkPath(key, pathOf(position), context, start, true);
  }
}

function checkPath(reference: string, path: Path, context: CheckContext, start: PathsStart, hasDefault: boolean): void {
  if (reference.includes('{{')) return; // Reported as braces.
  if (start === 'item') return checkItemPath(reference, path, context);
  if (start === 'roots') return checkReference(reference, { path }, context, hasDefault);
  const root = reference.split('.')[0] ?? '';
  if (['', 'current', 'accumulator'].includes(root)) return;
  const hint = didYouMean(root, () => ['current', 'accumulator']);
  context.report.add(
    'KAIT1206',
    { path },
    `In "reduce", paths start with current or accumulator, not with "${root}".`,
    hint,
  );
}

/** The classic slip with `map` and its like. A body may have a member of such a name, so it is a warning. */
function checkItemPath(reference: string, path: Path, context: CheckContext): void {
  if (!/^(event|steps|vars|status)\./.test(reference)) return;
  const message = `Inside "map" and its like, paths start at the item, so "${reference}" is looked for in it.`;
  const hint = 'Use forEach, or "reduce", whose initial value may come from outside.';
  context.report.add('KAIT1309', { path }, message, hint);
}

function reportNoOperator(logic: JsonObject, path: Path, context: CheckContext): void {
  const [name, ...others] = Object.keys(logic);
  if (name === undefined || others.length > 0) {
    const message = `An expression has exactly one key, its operator. This object has ${Object.keys(logic).length}.`;
    context.report.add(
      'KAIT1303',
      { path },
      message,
      'Combine conditions with {"and": […]}; data goes into {"literal": …}.',
    );
    return;
  }
  const hint = didYouMean(name, () => operatorNames);
  context.report.add('KAIT1301', { path: [...path, name], on: 'key' }, `There is no operator "${name}".`, hint);
}

/** What was reported for another reason is not reported as constant besides. */
function readsSomething(logic: Json): boolean {
  if (typeof logic === 'string') return logic.includes('{{');
  if (logic === null || typeof logic !== 'object') return false;
  if (Array.isArray(logic)) return logic.some(readsSomething);
  const found = operatorOf(logic);
  if (found === undefined) return true;
  return (
    readingOperators.includes(found.name) ||
    (found.name !== 'literal' && argumentsOf(found.name, logic).some(readsSomething))
  );
}
