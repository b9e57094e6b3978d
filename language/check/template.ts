import { ExpressionError } from '../expression-error.ts';
import { isObject, type Json } from '../json.ts';
import { operatorInTemplate } from '../operators/operators.ts';
import { parseTemplateText, type TemplatePart } from '../template.ts';
import type { CheckContext } from './context.ts';
import type { JsonShape } from './json-shape.ts';
import { resolveReference } from './references.ts';

/** Whether the value is the same in every run. */
export function isLiteral(template: Json): boolean {
  if (typeof template === 'string') return !template.includes('{{');
  if (template === null || typeof template !== 'object') return true;
  if (Array.isArray(template)) return template.every(isLiteral);
  return operatorInTemplate(template) === undefined && Object.values(template).every(isLiteral);
}

/** Whether the object itself is computed, whatever is inside. */
export function isOperation(template: Json): boolean {
  return isObject(template) && operatorInTemplate(template) !== undefined;
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

/** The parts of a text, or what is wrong with its braces. */
export function partsOf(text: string): TemplatePart[] | ExpressionError {
  try {
    return parseTemplateText(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}
