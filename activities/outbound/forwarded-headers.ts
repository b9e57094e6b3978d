import { isHeaderOfConnection } from '../../language/header-names.ts';
import { activityFailure } from '../failure-types.ts';

/** Those of Standard Webhooks, which Kait's own signature needs. */
const ownHeaders = new Set(['webhook-id', 'webhook-timestamp', 'webhook-signature']);
/** The first is between Kait and the endpoint; the second goes along anyway. */
const neverForwarded = new Set(['accept-encoding', 'content-type']);

/**
 * The headers that go out with a forwarded request: those that were kept of it, or of these the `chosen`, untouched. Where a
 * gateway signs by Standard Webhooks as well, its three are sent as `x-original-webhook-id` and so on, since those without
 * the prefix are Kait's. What belongs to a connection is left out. Names come out in lower case. Throws `RequestNotKept` for a
 * chosen header that was not kept.
 */
export function forwardedHeaders(
  kept: Readonly<Record<string, string>>,
  chosen: readonly string[] = Object.keys(kept),
): Record<string, string> {
  const names = [...new Set(chosen.map((name) => name.toLowerCase()))].filter(isForwardable);
  const absent = names.find((name) => !Object.hasOwn(kept, name));
  if (absent !== undefined) {
    const why = 'the request came without it, or `keepHeaders` of its source does not name it';
    throw activityFailure('RequestNotKept', `webhooks.forward: no header ${JSON.stringify(absent)} is kept: ${why}`);
  }
  const sent = names.map((name) => [ownHeaders.has(name) ? `x-original-${name}` : name, kept[name] ?? ''] as const);
  return Object.fromEntries(sent);
}

function isForwardable(name: string): boolean {
  return !isHeaderOfConnection(name) && !neverForwarded.has(name);
}
