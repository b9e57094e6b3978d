import { eventTypePattern } from '../catalogue.ts';

/** Whether an endpoint's pattern takes an event type: `*` takes all, `order.*` all below `order`, else exactly one. */
export function patternTakes(pattern: string, type: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** `order.created`, `order.*` or `*`. */
export function isEventPattern(text: string): boolean {
  if (text.length > 128) return false;
  return text === '*' || eventTypePattern.test(text.endsWith('.*') ? text.slice(0, -2) : text);
}
