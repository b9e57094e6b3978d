import { boundedResult, costOfPath, createBudget, type Budget } from './budget.ts';
import { evaluateWithin, operatorOf } from './expression.ts';
import { ExpressionError } from './expression-error.ts';
import type { Json, JsonObject } from './json.ts';
import { boundedText } from './operators/text.ts';
import { typeName } from './operators/operator.ts';
import { requireAt } from './path.ts';
import type { Host, Scope } from './scope.ts';
import { parseTemplateText, type TemplatePart } from './template-text.ts';

/**
 * JSON with its templates filled in. Texts may hold `{{path}}`: alone it keeps the value's type, within longer text it
 * must be a text, a number or a boolean. An object whose only key is an operator is evaluated; `{"literal": x}` is x.
 * Keys are never templates. Throws an {@link ExpressionError} as expressions do, and above 262,144 characters of JSON.
 */
export function renderTemplate(template: Json, scope: Scope, host?: Host): Json {
  return boundedResult(render(template, { scope, host, budget: createBudget() }));
}

/**
 * As {@link renderTemplate}, for the objects whose keys are names that the author chose (`with`, `set`): a single name that
 * happens to be an operator's, such as `max`, stays a name.
 */
export function renderFields(fields: Record<string, Json>, scope: Scope, host?: Host): JsonObject {
  const rendered = renderMembers(fields, { scope, host, budget: createBudget() });
  boundedResult(rendered);
  return rendered;
}

interface Rendering {
  scope: Scope;
  host: Host | undefined;
  budget: Budget;
}

function render(template: Json, rendering: Rendering): Json {
  const { budget } = rendering;
  budget.charge(1);
  if (typeof template === 'string') return renderText(template, rendering);
  if (template === null || typeof template !== 'object') return template;
  budget.enter();
  const value = renderNested(template, rendering);
  budget.leave();
  return value;
}

function renderNested(template: Json[] | JsonObject, rendering: Rendering): Json {
  if (Array.isArray(template)) return template.map((item) => render(item, rendering));
  const { budget, scope, host } = rendering;
  if (operatorOf(template) !== undefined) return evaluateWithin(budget, template, scope, host);
  return renderMembers(template, rendering);
}

/** `fromEntries` defines own members, so that a key such as `__proto__` is a key and nothing else. */
function renderMembers(members: JsonObject, rendering: Rendering): JsonObject {
  rendering.budget.charge(Object.keys(members).length);
  return Object.fromEntries(Object.entries(members).map(([key, member]) => [key, render(member, rendering)]));
}

function renderText(text: string, { scope, budget }: Rendering): Json {
  const parts = parseTemplateText(text);
  for (const { path } of parts) budget.charge(path === undefined ? 0 : 1 + costOfPath(path));
  const roots = scope as unknown as Json; // Its roots are all JSON.
  const [only, second] = parts;
  if (only?.path !== undefined && second === undefined) return requireAt(only.path, roots);
  return boundedText(parts.map((part) => partText(part, roots)));
}

function partText(part: TemplatePart, roots: Json): string {
  if (part.path === undefined) return part.text;
  const value = requireAt(part.path, roots);
  if (typeof value !== 'object') return String(value);
  throw new ExpressionError(
    'KAIT_EXPRESSION_TYPE',
    `{{${part.path}}} is ${typeName(value)}. Within longer text it must be a text, a number or a boolean.`,
  );
}
