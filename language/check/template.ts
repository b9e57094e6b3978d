import { closest } from '../closest.ts';
import { operatorOf } from '../expression.ts';
import { ExpressionError } from '../expression-error.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { operatorNames } from '../operators/operators.ts';
import { parseTemplateText, type TemplatePart } from '../template-text.ts';
import { checkReference, membersOf, type CheckContext } from './context.ts';
import type { JsonShape } from './json-shape.ts';
import { checkLogic } from './logic.ts';
import { resolveReference } from './references.ts';
import type { Path } from './report.ts';

/** Checks every text and expression in a template. */
export function checkTemplate(template: Json, path: Path, context: CheckContext): void {
  if (typeof template === 'string') return checkText(template, path, context);
  if (Array.isArray(template)) {
    for (const [position, item] of template.entries()) checkTemplate(item, [...path, position], context);
  }
  if (!isObject(template)) return;
  if (operatorOf(template) !== undefined) return checkLogic(template, path, context);
  if (Object.keys(template).join() === 'secret') reportSecret(path, context);
  warnOfMisspeltOperator(template, path, context);
  checkFields(template, path, context);
}

/** Whatever a template gives is kept in history, in logs and in the Web UI. */
function reportSecret(path: Path, { report }: CheckContext): void {
  const hint = 'Secrets belong into the headers of an http step; data of that form goes into {"literal": …}.';
  report.add('KAIT1307', { path }, 'A secret cannot stand here: its value would be kept in history.', hint);
}

/** Checks templates under names that the author chose: an operator's name is a name here. */
export function checkFields(fields: Json | undefined, path: Path, context: CheckContext): void {
  for (const member of membersOf(fields, path)) checkTemplate(member.value, member.path, context);
}

/** Whether the value is the same in every run. */
export function isLiteral(template: Json): boolean {
  if (typeof template === 'string') return !template.includes('{{');
  if (template === null || typeof template !== 'object') return true;
  if (Array.isArray(template)) return template.every(isLiteral);
  return operatorOf(template) === undefined && Object.values(template).every(isLiteral);
}

/** What is known of the value that a template gives: of a lone path, what the path leads to. */
export function shapeOfTemplate(template: Json, context: CheckContext): JsonShape | undefined {
  const path = lonePath(template);
  return path === undefined ? undefined : resolveReference(path, context.environment, true).shape;
}

function lonePath(template: Json): string | undefined {
  if (isObject(template)) return typeof template.var === 'string' ? template.var : undefined;
  if (typeof template !== 'string') return undefined;
  const parts = partsOf(template);
  return Array.isArray(parts) && parts.length === 1 ? parts[0]?.path : undefined;
}

function checkText(text: string, path: Path, context: CheckContext): void {
  const parts = partsOf(text);
  if (!Array.isArray(parts)) {
    context.report.add('KAIT1208', { path }, parts.message);
    return;
  }
  for (const part of parts) {
    if (part.path !== undefined) checkReference(part.path, { path, within: part }, context, false);
  }
}

function partsOf(text: string): TemplatePart[] | ExpressionError {
  try {
    return parseTemplateText(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

/** `{"note": "x"}` is data; `{"flor": [1.5]}` has an operator's form and almost its name. */
function warnOfMisspeltOperator(template: JsonObject, path: Path, context: CheckContext): void {
  const [name, ...others] = Object.keys(template);
  if (name === undefined || others.length > 0) return;
  const args = template[name];
  const looksLikeExpression = Array.isArray(args) || (isObject(args) && operatorOf(args) !== undefined);
  const near = looksLikeExpression ? closest(name, operatorNames) : undefined;
  if (near === undefined) return;
  const message = `There is no operator "${name}", so this object is taken as data.`;
  context.report.add('KAIT1304', { path: [...path, name], on: 'key' }, message, `Did you mean "${near}"?`);
}
