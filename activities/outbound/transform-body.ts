import { ExpressionError } from '../../language/expression-error.ts';
import { renderWebhook, type WebhookTransform } from '../../language/webhook-logic.ts';
import { webhookValues, type WebhookMessage } from './webhook-values.ts';

/** What is signed and sent, or why there is nothing to send. */
export type TransformedBody = { body: string | Uint8Array; contentType: string } | { fault: string };

/**
 * The body of a message as its endpoint wants it. Without a transformation, it is the message's own. The same message and transformation give the
 * same body at each attempt. A `fault` names paths, never values.
 */
export function transformBody(transform: WebhookTransform | undefined, message: WebhookMessage): TransformedBody {
  if (transform === undefined) return { body: message.body, contentType: message.contentType };
  try {
    const rendered = renderWebhook(transform.body, webhookValues(message));
    const isText = typeof rendered === 'string';
    const contentType = transform.contentType ?? (isText ? 'text/plain; charset=utf-8' : 'application/json');
    return { body: isText ? rendered : JSON.stringify(rendered), contentType };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { fault: `the transformation failed: ${error.message}` };
  }
}
