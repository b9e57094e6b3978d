import { ExpressionError } from '../language/expression-error.ts';
import { isObject, type Json, type JsonObject } from '../language/json.ts';
import { typeName } from '../language/operators/operator.ts';
import { operatorInTemplate } from '../language/operators/operators.ts';
import { isSecretText } from '../language/secret-text.ts';
import { evaluating, render, renderNames } from './evaluate.ts';
import type { StepContext } from './run-context.ts';

/** A place in a request's body or form that only the activity can fill, because a secret is part of it. JSON. */
export interface Fill {
  at: (string | number)[];
  value: Json;
}

/**
 * Fills in the headers of a request. Only the definition names secrets: an event that holds `{"secret": "…"}` would have its sender
 * choose one.
 */
export function renderHeaders(headers: Record<string, Json>, context: StepContext): JsonObject {
  const plain = Object.entries(headers).filter(([, template]) => !isSecretText(template));
  const rendered = renderNames(Object.fromEntries(plain), context);
  evaluating(context, () => {
    for (const [name, value] of Object.entries(rendered)) if (value !== null) textIn(value, `The header "${name}"`);
  });
  const members = Object.entries(headers).map(([name, template]): [string, Json] => [
    name,
    isSecretText(template) ? renderSecretText(template, context) : (rendered[name] ?? null),
  ]);
  return Object.fromEntries(members);
}

/**
 * Fills in a body, or a form, in which secrets may stand. Their places are null, and `fill` says what belongs there: by
 * its place, since a value from an event must not be taken for one.
 */
export function renderBody(template: Json, root: 'body' | 'form', context: StepContext): { value: Json; fill: Fill[] } {
  const found: Fill[] = [];
  const plain = withoutSecrets(template, [root], found);
  const value = root === 'form' ? renderNames(isObject(plain) ? plain : {}, context) : render(plain, context);
  return { value, fill: found.map(({ at, value: text }) => ({ at, value: renderSecretText(text, context) })) };
}

function withoutSecrets(template: Json, at: Fill['at'], found: Fill[]): Json {
  if (isSecretText(template)) {
    found.push({ at, value: template });
    return null;
  }
  if (Array.isArray(template)) return template.map((item, position) => withoutSecrets(item, [...at, position], found));
  const isForm = at.length === 1 && at[0] === 'form'; // Its keys are names, even those of operators.
  if (!isObject(template) || (!isForm && operatorInTemplate(template) !== undefined)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, member]) => [key, withoutSecrets(member, [...at, key], found)]),
  );
}

/** Fills in the texts around the secrets. */
function renderSecretText(template: Json, context: StepContext): Json {
  if (!isSecretText(template)) return textOf(template, context);
  if (Array.isArray(template.concat)) return { concat: template.concat.map((part) => renderSecretText(part, context)) };
  if (template.base64 !== undefined) return { base64: renderSecretText(template.base64, context) };
  if (!isObject(template.hmac)) return template;
  const { of, ...rest } = template.hmac;
  return { hmac: { ...rest, ...(of !== undefined && { of: textOf(of, context) }) } };
}

function textOf(template: Json, context: StepContext): string {
  const value = render(template, context);
  return evaluating(context, () => textIn(value, 'A part of a text with a secret'));
}

function textIn(value: Json, what: string): string {
  if (value !== null && typeof value !== 'object') return String(value);
  throw new ExpressionError('KAIT_EXPRESSION_TYPE', `${what} is ${typeName(value)}. It must be a text.`);
}
