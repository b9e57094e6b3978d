import { cutText } from './well-formed.ts';
import { costOfPath, type Budget } from './budget.ts';
import { ExpressionError } from './expression-error.ts';
import type { Json, JsonObject } from './json.ts';
import { typeName } from './operators/operator.ts';
import { operatorInTemplate } from './operators/operators.ts';
import { boundedText } from './operators/text.ts';

/** Plain text, or a path in braces. `offset` and `length` say where the part stands in the template's text. */
export type TemplatePart = { offset: number; length: number } & (
  { text: string; path?: undefined } | { path: string; text?: undefined }
);

/**
 * Parts of a path may hold anything but dots, braces and white space: gateways choose the keys of their bodies. Between `['` and `']` they
 * may hold dots and white space, too.
 */
const pathPattern = /^(?:(?:(?!\[')[^\s.{}])+|\['(?:[^'{}]|'')+'\])(?:\.(?:(?!\[')[^\s.{}])+|\['(?:[^'{}]|'')+'\])*$/;

/**
 * Splits `Order {{ steps.order.id }} is paid` at its braces; blanks inside them do not count. Throws an {@link ExpressionError} if
 * braces stay open or hold no path. Text without `{{` is one part.
 */
export function parseTemplateText(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let offset = 0;
  while (offset < text.length) {
    const open = text.indexOf('{{', offset);
    const end = open === -1 ? text.length : open;
    if (end > offset) parts.push({ offset, length: end - offset, text: text.slice(offset, end) });
    if (open === -1) break;
    const close = text.indexOf('}}', open);
    if (close === -1) throw invalid('"{{" is never closed with "}}"');
    parts.push({ offset: open, length: close + 2 - open, path: pathIn(text.slice(open + 2, close)) });
    offset = close + 2;
  }
  return parts;
}

function pathIn(braces: string): string {
  const path = braces.trim();
  if (pathPattern.test(path)) return path;
  throw invalid(`"{{${cutText(braces, 60)}}}" does not hold a path such as {{event.payment.amount}}`);
}

function invalid(problem: string): ExpressionError {
  return new ExpressionError(
    'KAIT_EXPRESSION_INVALID',
    `${problem}. To write braces as plain text, use {"literal": …}.`,
  );
}

export interface Renderer {
  /** Fills in a template whose paths start at `data`. Does not bound the result. */
  render: (template: Json, data: Json) => Json;
  /** Fills in the members of an object, whatever its keys are. */
  renderMembers: (fields: JsonObject, data: Json) => JsonObject;
}

/** Creates what fills in templates, on the budget and with the expressions of an evaluator. */
export function createRenderer({
  budget,
  evaluate,
  valueAt,
}: {
  budget: Budget;
  evaluate: (logic: Json, data: Json) => Json;
  valueAt: (path: string, data: Json) => Json;
}): Renderer {
  function render(template: Json, data: Json): Json {
    budget.charge(1);
    if (typeof template === 'string') return renderText(template, data);
    if (template === null || typeof template !== 'object') return template;
    budget.enter();
    try {
      return renderNested(template, data);
    } finally {
      budget.leave();
    }
  }

  function renderNested(template: Json[] | JsonObject, data: Json): Json {
    if (Array.isArray(template)) return template.map((item) => render(item, data));
    return operatorInTemplate(template) === undefined ? renderMembers(template, data) : evaluate(template, data);
  }

  /** `fromEntries` defines own members, so that a key such as `__proto__` is an ordinary key. */
  function renderMembers(members: JsonObject, data: Json): JsonObject {
    budget.charge(Object.keys(members).length);
    return Object.fromEntries(Object.entries(members).map(([key, member]) => [key, render(member, data)]));
  }

  function renderText(text: string, data: Json): Json {
    const parts = parseTemplateText(text);
    for (const { path } of parts) budget.charge(path === undefined ? 0 : 1 + costOfPath(path));
    const [only, second] = parts;
    if (only?.path !== undefined && second === undefined) return valueAt(only.path, data);
    return boundedText(parts.map((part) => (part.path === undefined ? part.text : textAt(part.path, data))));
  }

  function textAt(path: string, data: Json): string {
    const value = valueAt(path, data);
    if (typeof value !== 'object') return String(value);
    throw new ExpressionError(
      'KAIT_EXPRESSION_TYPE',
      `{{${path}}} is ${typeName(value)}. Within longer text it must be a text, a number or a boolean.`,
    );
  }

  return { render, renderMembers };
}
