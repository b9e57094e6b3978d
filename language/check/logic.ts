import { closest } from '../closest.ts';
import { jsonLogicNames } from '../json-logic.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { isItemName, isPerItem, itemNameOf } from '../operators/item-name.ts';
import {
  argumentsOf,
  describeArity,
  operatorInTemplate,
  operatorNames,
  operatorOf,
  takes,
} from '../operators/operators.ts';
import { checkComparison } from './comparison.ts';
import { checkReference, membersOf, type CheckContext } from './context.ts';
import { withLocals, withStrangers, type Environment } from './environment.ts';
import { checkOperandTypes } from './operand-types.ts';
import { whereItFails, whereItHolds } from './narrow.ts';
import { didYouMean, type Path } from './report.ts';
import { isSecretText } from '../secret-text.ts';
import { checkSecretText } from './secret-text.ts';
import { checkOperand, checkPathInText, originOfTemplate } from './stranger.ts';
import { shortened } from '../printable.ts';
import { isLiteral, partsOf, shapeOfTemplate } from './template.ts';
import { isReservedName } from './texts.ts';

const readingOperators = ['var', 'missing', 'missing_some'];

/** Checks every text and expression in a template. */
export function checkTemplate(template: Json, path: Path, context: CheckContext): void {
  if (typeof template === 'string') return checkText(template, path, context);
  if (Array.isArray(template)) {
    for (const [position, item] of template.entries()) checkTemplate(item, [...path, position], context);
  }
  if (!isObject(template)) return;
  if (context.takesSecrets !== undefined && isSecretText(template)) {
    const checkPlain = (part: Json, at: Path) => checkTemplate(part, at, { ...context, takesSecrets: undefined });
    return checkSecretText(template, path, { ...context, checkPlain });
  }
  if (operatorInTemplate(template) !== undefined) {
    warnOfConstant(template, path, context);
    return checkLogic(template, path, context);
  }
  if (Object.keys(template).join() === 'secret') reportSecret(path, context);
  warnOfMisspeltOperator(template, path, context);
  checkFields(template, path, context);
}

/** Checks templates under names that the author chose, which may also be the names of operators. */
export function checkFields(fields: Json | undefined, path: Path, context: CheckContext): void {
  for (const member of membersOf(fields, path)) checkTemplate(member.value, member.path, context);
}

function checkText(text: string, path: Path, context: CheckContext): void {
  const parts = partsOf(text);
  if (!Array.isArray(parts)) {
    context.report.add('KAIT1208', { path }, parts.message);
    return;
  }
  for (const part of parts) {
    if (part.path === undefined) continue;
    const place = { path, within: part };
    checkReference(part.path, place, context, false);
    if (parts.length > 1) checkPathInText(part.path, place, context);
  }
}

/** The values of templates are kept in history, in logs and in the Web UI. */
function reportSecret(path: Path, { report }: CheckContext): void {
  const hint =
    'Put secrets into the headers, the body or the form of an http step, and join them with {"concat": […]}. For data that looks like a secret, use {"literal": …}.';
  report.add('KAIT1307', { path }, 'History would keep the value of a secret here.', hint);
}

/** `{"max": [1, 2]}` may be meant as data. A mistaken operand is reported as such. */
function warnOfConstant(template: JsonObject, path: Path, { report }: CheckContext): void {
  const { name, operator } = operatorInTemplate(template) ?? { name: 'literal' };
  if (name === 'literal' || name === 'jsonlogic' || readsSomething(template) || dependsOnRun(template)) return;
  if (operator !== undefined && !takes(operator, argumentsOf(name, template).length)) return; // Reported as such.
  const message = `"${name}" makes this an expression, but it reads nothing from the run, so its value is always the same.`;
  report.add('KAIT1310', { path: [...path, name], on: 'key' }, message, 'If it is data, write {"literal": …}.');
}

function dependsOnRun(logic: Json): boolean {
  if (logic === null || typeof logic !== 'object') return false;
  if (Array.isArray(logic)) return logic.some(dependsOnRun);
  return 'now' in logic || 'uuid' in logic || Object.values(logic).some(dependsOnRun);
}

/** `{"note": "x"}` is data; `{"flor": [1.5]}` has an operator's form and almost its name. */
function warnOfMisspeltOperator(template: JsonObject, path: Path, context: CheckContext): void {
  const [name, ...others] = Object.keys(template);
  if (name === undefined || others.length > 0) return;
  const args = template[name];
  const looksLikeExpression = Array.isArray(args) || (isObject(args) && operatorOf(args) !== undefined);
  const near = looksLikeExpression ? closest(name, operatorNames) : undefined;
  if (near === undefined) return;
  const message = `Unknown operator "${name}", so this object counts as data.`;
  context.report.add('KAIT1304', { path: [...path, name], on: 'key' }, message, `Did you mean "${near}"?`);
}

/** Checks an expression where a condition is expected. */
export function checkCondition(logic: Json, path: Path, context: CheckContext): void {
  checkLogic(logic, path, context);
  if (readsSomething(logic)) return;
  const hint = typeof logic === 'string' ? `Did you mean {"var": "${logic.slice(0, 60)}"}?` : undefined;
  context.report.add(
    'KAIT1305',
    { path },
    'This condition reads nothing from the run, so its result is always the same.',
    hint,
  );
}

/** Checks an expression whose value is used as such. */
function checkLogic(logic: Json, path: Path, context: CheckContext): void {
  if (typeof logic === 'string' && logic.includes('{{')) {
    const hint = 'Write {"var": "event.payment.amount"}.';
    context.report.add('KAIT1306', { path }, 'Braces are plain text in an expression.', hint);
  }
  if (logic === null || typeof logic !== 'object') return;
  if (!Array.isArray(logic)) return checkOperation(logic, path, context);
  for (const [position, item] of logic.entries()) checkLogic(item, [...path, position], context);
}

function checkOperation(logic: JsonObject, path: Path, context: CheckContext): void {
  const found = operatorOf(logic);
  if (found === undefined) return reportNoOperator(logic, path, context);
  const { name, operator } = found;
  const args = argumentsOf(name, logic);
  const argsPath = [...path, name];
  const pathOf = (position: number) => (Array.isArray(logic[name]) ? [...argsPath, position] : argsPath);
  if (!takes(operator, args.length)) {
    const message = `"${name}" takes ${describeArity(operator)}, got ${args.length}.`;
    context.report.add('KAIT1302', { path: argsPath, on: 'key' }, message);
  }
  if (name === 'literal') return;
  if (name === 'jsonlogic') return checkJsonLogic(args[0] ?? null, pathOf(0), context);
  if (context.pathsStart === undefined) checkComparison(name, args, argsPath, context);
  if (takes(operator, args.length)) checkOperandTypes(name, args, pathOf, context);
  for (const [position, arg] of args.entries()) {
    checkLogic(arg, pathOf(position), contextOfArgument(name, position, args, context));
    checkOperand(name, arg, pathOf(position), context);
  }
  checkItemName(itemNameOf(name, args), pathOf(args.length - 1), context);
  const [first, second] = args;
  if (name === 'var' && typeof first === 'string') checkPath(first, pathOf(0), context, second !== undefined);
  if (name === 'missing') checkPaths(args, pathOf, context);
  if (name === 'missing_some' && Array.isArray(second)) {
    checkPaths(second, (position) => [...pathOf(1), position], context);
  }
}

function contextOfArgument(name: string, position: number, args: Json[], context: CheckContext): CheckContext {
  if (name === 'coalesce') return { ...context, mayMiss: true };
  if (position > 0 && (name === 'if' || name === '?:' || name === 'and' || name === 'or')) {
    return { ...context, environment: seenAfter(name, args.slice(0, position), context.environment) };
  }
  if (position !== 1 || !isPerItem(name)) return context;
  const itemName = itemNameOf(name, args);
  if (itemName === undefined) return { ...context, pathsStart: name === 'reduce' ? 'reduce' : 'item' };
  return contextOfItem(itemName, name, args[0] ?? null, context);
}

/** Where the item has a name, paths start at the roots. The item holds whatever its list does. */
function contextOfItem(
  itemName: Json,
  operator: string,
  list: Json,
  { pathsStart, ...outer }: CheckContext,
): CheckContext {
  if (typeof itemName !== 'string') return outer;
  const isAtRoots = pathsStart === undefined;
  const item = (isAtRoots ? shapeOfTemplate(list, outer)?.items : undefined) ?? {};
  const origin = isAtRoots ? originOfTemplate(list, outer.environment)?.origin : undefined;
  const locals = { [itemName]: item, ...(operator === 'reduce' ? { accumulator: {} } : {}) };
  return { ...outer, environment: withStrangers(withLocals(outer.environment, locals), [[itemName, origin]]) };
}

/** The name becomes a root of paths, so it must not hide another one. */
function checkItemName(name: Json | undefined, path: Path, { report, environment }: CheckContext): void {
  if (name === undefined) return;
  const hint = 'Give the item a name of its own, such as "line".';
  if (typeof name === 'string' && isReservedName(name)) {
    return report.add('KAIT1110', { path }, `"${name}" is a reserved name.`, hint);
  }
  if (!isItemName(name)) {
    const shown = shortened(JSON.stringify(name), 60);
    return report.add('KAIT1109', { path }, `${shown} is not allowed as the name of an item.`, hint);
  }
  if (environment.locals.has(name)) report.add('KAIT1121', { path }, `"${name}" already has a meaning here.`, hint);
}

/** What earlier arguments have decided: `and` goes on if they are true, `or` if they are false. */
function seenAfter(name: 'if' | '?:' | 'and' | 'or', earlier: Json[], environment: Environment): Environment {
  if (name === 'and') return earlier.reduce<Environment>(whereItHolds, environment);
  if (name === 'or') return earlier.reduce<Environment>(whereItFails, environment);
  const isResult = earlier.length % 2 === 1; // After its condition.
  const failed = earlier.filter((_, position) => position % 2 === 0).slice(0, isResult ? -1 : undefined);
  const seen = failed.reduce<Environment>(whereItFails, environment);
  return isResult ? whereItHolds(seen, earlier.at(-1)) : seen;
}

function checkPaths(keys: Json[], pathOf: (position: number) => Path, context: CheckContext): void {
  for (const [position, key] of keys.entries()) {
    if (typeof key === 'string') checkPath(key, pathOf(position), context, true);
  }
}

function checkPath(reference: string, path: Path, context: CheckContext, hasDefault: boolean): void {
  if (reference.includes('{{')) return; // Reported as braces.
  checkReference(reference, { path }, context, hasDefault);
}

/** The rule is JsonLogic of somebody else's; the data is a template like any other. */
function checkJsonLogic(operand: Json, path: Path, context: CheckContext): void {
  const { report } = context;
  if (!isObject(operand)) {
    return report.add('KAIT1103', { path }, '"jsonlogic" must be an object {"rule": …, "data": …}.');
  }
  for (const { key, path: at } of membersOf(operand, path)) {
    if (key === 'rule' || key === 'data') continue;
    const hint = didYouMean(key, () => ['rule', 'data']);
    report.add('KAIT1101', { path: at, on: 'key' }, `"${key}" is not a property of "jsonlogic".`, hint);
  }
  const { rule, data } = operand;
  if (rule === undefined) report.add('KAIT1102', { path: [...path, 'rule'] }, '"rule" is missing from "jsonlogic".');
  else checkRule(rule, [...path, 'rule'], context);
  if (data === undefined) report.add('KAIT1102', { path: [...path, 'data'] }, '"data" is missing from "jsonlogic".');
  else checkTemplate(data, [...path, 'data'], context);
}

/** Checks only the operators: what the rule reads depends on the data, and a missing path is null. */
function checkRule(rule: Json, path: Path, context: CheckContext): void {
  if (Array.isArray(rule)) {
    for (const [position, item] of rule.entries()) checkRule(item, [...path, position], context);
  }
  if (!isObject(rule)) return;
  const [name, ...others] = Object.keys(rule);
  if (name === undefined || others.length > 0) return; // Data, as json-logic-js has it.
  if (jsonLogicNames.includes(name)) return checkRule(rule[name] ?? null, [...path, name], context);
  const message = `A JsonLogic rule cannot use the operator "${name}".`;
  const hint = didYouMean(name, () => jsonLogicNames, `It may use: ${jsonLogicNames.join(' ')}.`);
  context.report.add('KAIT1301', { path: [...path, name], on: 'key' }, message, hint);
}

function reportNoOperator(logic: JsonObject, path: Path, context: CheckContext): void {
  const [name, ...others] = Object.keys(logic);
  if (name === undefined || others.length > 0) {
    const message = `An expression has exactly one key, its operator, but this object has ${Object.keys(logic).length}.`;
    context.report.add(
      'KAIT1303',
      { path },
      message,
      'Combine conditions with {"and": […]}; put data into {"literal": …}.',
    );
    return;
  }
  if (name === 'secret') return reportSecret(path, context);
  const hint = didYouMean(name, () => operatorNames);
  context.report.add('KAIT1301', { path: [...path, name], on: 'key' }, `Unknown operator "${name}".`, hint);
}

/** What was reported for another reason is not reported as constant as well. */
function readsSomething(logic: Json): boolean {
  if (typeof logic === 'string') return logic.includes('{{');
  if (logic === null || typeof logic !== 'object') return false;
  if (Array.isArray(logic)) return logic.some(readsSomething);
  const name = operatorOf(logic)?.name;
  if (name === undefined || readingOperators.includes(name)) return true;
  const args = argumentsOf(name, logic);
  if (name === 'jsonlogic') return !isLiteral((isObject(args[0]) ? args[0].data : undefined) ?? '{{');
  return name !== 'literal' && args.some(readsSomething);
}
