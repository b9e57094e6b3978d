/** Begins the types of forwarded requests: an endpoint gets these only where a pattern of its own begins so. */
export const forwardedPrefix = 'forward.';

/**
 * The message type of a forwarded request, `forward.<source>.<event type>`. What no event type may hold becomes `_`, so that
 * `stripe:charge.updated` is `forward.stripe.stripe_charge.updated`.
 */
export function forwardedType(source: string, eventType: string): string {
  const words = eventType.split('.').map((word) => word.replace(/[^A-Za-z0-9_-]/g, '_') || '_');
  return `${forwardedPrefix}${source}.${words.join('.')}`;
}
