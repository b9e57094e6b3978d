import { eventTypePattern } from '../catalogue.ts';
import { forwardedPrefix } from './forwarded-type.ts';

/**
 * Whether an endpoint's pattern takes an event type: `order.*` takes all below `order`, another word exactly one, and `*` all
 * but forwarded requests. These are shaped as the gateway likes and hold whatever it knows of the customer, so that an
 * endpoint has to ask for them: `forward.*`.
 */
export function patternTakes(pattern: string, type: string): boolean {
  if (pattern === '*') return !type.startsWith(forwardedPrefix);
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** `order.created`, `order.*` or `*`. */
export function isEventPattern(text: string): boolean {
  if (text.length > 128) return false;
  return text === '*' || eventTypePattern.test(text.endsWith('.*') ? text.slice(0, -2) : text);
}
