import { ownPrefix, testType } from '../../language/own-event-types.ts';
import { eventTypePattern } from '../engine-activities.ts';

/** Begins the types of forwarded requests. */
const forwardedPrefix = 'forward.';

/**
 * Whether an endpoint's pattern matches a message type. `order.*` matches every type below `order`. `*` matches every type but
 * two kinds that an endpoint must ask for: those of forwarded requests, which contain everything that the gateway knows about the
 * customer, with `forward.*`, and those that Kait sends about itself with `kait.*`. A test goes to the endpoint that is tested, whatever it
 * subscribes to, and to no other.
 */
export function patternTakes(pattern: string, type: string): boolean {
  if (type === testType) return false;
  if (pattern === '*') return !type.startsWith(forwardedPrefix) && !type.startsWith(ownPrefix);
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** Whether an endpoint with these patterns gets messages of a type. */
export function patternsTake(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => patternTakes(pattern, type));
}

/** All patterns that may take a type, so that a database can look for them: `order.paid.late`, `order.paid.*`, `order.*`, `*`. */
export function patternsThatMayTake(type: string): string[] {
  const words = type.split('.');
  const prefixes = words.slice(1).map((_, index) => `${words.slice(0, index + 1).join('.')}.*`);
  return [type, ...prefixes, '*'];
}

/** Whether a text is a pattern: `order.created`, `order.*` or `*`. */
export function isEventPattern(text: string): boolean {
  if (text.length > 128) return false;
  return text === '*' || eventTypePattern.test(text.endsWith('.*') ? text.slice(0, -2) : text);
}

/**
 * The message type of a forwarded request, `forward.<source>.<event type>`. Characters that a message type cannot contain
 * become `_`: `stripe:charge.updated` is `forward.stripe.stripe_charge.updated`.
 */
export function forwardedType(source: string, eventType: string): string {
  const words = eventType.split('.').map((word) => word.replace(/[^A-Za-z0-9_-]/g, '_') || '_');
  return `${forwardedPrefix}${source}.${words.join('.')}`;
}
