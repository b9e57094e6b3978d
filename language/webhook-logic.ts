import { evaluateLogic, renderTemplate } from './expression.ts';
import type { Json } from './json.ts';
import { isTruthy } from './operators/operator.ts';
import { lookUp } from './path.ts';
import type { TriggerScope } from './scope.ts';
import { sha256Hex } from './sha256.ts';

/** What filters, transformations and the order of an endpoint see of an outbound webhook. */
export interface WebhookValues {
  /** `order.created`. */
  type: string;
  /** When it was emitted, RFC 3339. */
  timestamp: string;
  /** Null: it is for the operator's own endpoints. */
  tenant: string | null;
  /** What was emitted. Of a forwarded request its body, if that is JSON, or else null. */
  data: Json;
}

/** How an endpoint wants the body. */
export interface WebhookTransform {
  /** A template, as JSON. A text is sent as it is, anything else as JSON. */
  body: unknown;
  /** Default: `application/json`, or `text/plain` for a text. */
  contentType?: string | undefined;
}

/** Whether a filter takes a webhook. Throws an `ExpressionError` as {@link evaluateLogic} does. */
export function filterTakes(filter: object, values: WebhookValues): boolean {
  return isTruthy(evaluateWebhook(filter, values));
}

/** The value of an expression about a webhook. It was parsed from JSON, as templates are. */
export function evaluateWebhook(logic: unknown, values: WebhookValues): Json {
  return evaluateLogic(logic as Json, scopeOf(values));
}

/** A template filled in with a webhook. */
export function renderWebhook(template: unknown, values: WebhookValues): Json {
  return renderTemplate(template as Json, scopeOf(values));
}

/** The evaluator takes whatever roots there are. */
function scopeOf(values: WebhookValues): TriggerScope {
  return values as unknown as TriggerScope;
}

/** What is longer is known by its digest. */
const longestKey = 100;

/**
 * By what an endpoint with `fifo` keeps webhooks in order: those with the same key go out one after the other. Webhooks without the value share
 * one key, so that none overtakes another.
 */
export function orderKeyOf(fifo: string, values: WebhookValues): string {
  if (fifo === 'all') return '';
  const found = lookUp(fifo, values as unknown as Json);
  if (!found.found || found.value === null) return '';
  const text = typeof found.value === 'string' ? found.value : JSON.stringify(found.value);
  return text.length <= longestKey ? `=${text}` : `#${sha256Hex(text)}`;
}
