import type { Json } from '../../language/json.ts';
import { parseJson } from '../../language/parse-json.ts';
import type { WebhookValues } from '../../language/webhook-logic.ts';

/** A forwarded body beyond that is not looked into. */
const mostBytes = 1_048_576;

/** A message as it is stored. */
export interface WebhookMessage {
  type: string;
  tenant: string | null;
  /** The text, or the bytes of a forwarded request. */
  body: string | Uint8Array;
  contentType: string;
  createdAt: Date;
}

/** What expressions see of a message. Of a forwarded request `data` is the whole body if it is JSON of at most 1 MiB, or else null. */
export function webhookValues({ type, tenant, body, contentType, createdAt }: WebhookMessage): WebhookValues {
  const timestamp = createdAt.toISOString();
  if (typeof body !== 'string') return { type, tenant, timestamp, data: forwardedData(body, contentType) };
  const { data } = JSON.parse(body) as { data: Json }; // Kait wrote it: see `outbound-emit.ts`.
  return { type, tenant, timestamp, data };
}

function forwardedData(body: Uint8Array, contentType: string): Json {
  if (body.length > mostBytes || !/^[\w.+-]+\/(?:[\w.+-]+\+)?json\b/i.test(contentType)) return null;
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}
