import type { Definition, Trigger } from './definition.ts';
import type { CanonicalEvent } from './event.ts';
import { renderTemplate } from './expression.ts';
import type { Json, JsonObject } from './json.ts';
import { sha256Hex } from './sha256.ts';
import { parseDuration } from './time.ts';
import { isEventTrigger, ownSource, triggerTypes } from './triggers.ts';
import { wellFormed } from './well-formed.ts';

/** What decides when the next run of a definition may start. JSON: it is stored, so that whoever ends a run can let the next one go. */
export interface TurnRules {
  /** Of the events that start the definition's runs. */
  types: string[];
  /** Null: any. */
  sources: string[] | null;
  perKey: 'queue' | 'skip' | 'latest';
  /** Null: none. */
  debounceMs: number | null;
  /** At most `max` starts in any `perMs`. */
  rate: { max: number; perMs: number } | null;
  /** The most runs that hold a turn at once. */
  concurrent: number | null;
  onPoison: NonNullable<Definition['onPoison']>;
}

/**
 * How a run gives its turn back. `waits`: it goes on, but no other waits for it. `denied`: its gateway says that the event is not true. Only a
 * failed one can keep its key.
 */
export const turnEnds = ['waits', 'completed', 'failed', 'canceled', 'denied'] as const;
export type TurnEnd = (typeof turnEnds)[number];

/** A wait of a run that is longer frees its key, unless it holds the key to its end. */
export const shortWaitMs = 60_000;

/** While new events come, a debounced run waits at most so many times as long as `debounce` says. */
export const mostDebounces = 10;

/** A run of a definition without rules starts at once. */
export function turnRulesOf({ on, key, limits = {}, onPoison = 'skip' }: Definition): TurnRules | null {
  if (on === 'run' || (key === undefined && Object.keys(limits).length === 0)) return null;
  const { perKey = 'queue', debounce, rate, concurrent = null } = limits;
  return {
    types: triggerTypes(on),
    sources: sourcesOf(on),
    perKey,
    debounceMs: debounce === undefined ? null : parseDuration(debounce),
    rate: rate === undefined ? null : { max: rate.max, perMs: parseDuration(rate.per) },
    concurrent,
    onPoison,
  };
}

function sourcesOf(on: Trigger): string[] | null {
  if (!isEventTrigger(on)) return [ownSource];
  return on.source === undefined ? null : [on.source].flat();
}

const longestKey = 200;

/**
 * The key of an event's run, as it is stored. Null: the run has none, and is not ordered. Throws an Error if the key cannot be told, which
 * must be seen: a run out of order may undo what a later event has done.
 */
export function turnKeyOf(
  { key }: Pick<Definition, 'key'>,
  event: CanonicalEvent,
  settings: JsonObject = {},
): string | null {
  if (key === undefined) return null;
  const value = renderTemplate(key, { event: event as unknown as Json, settings }); // An envelope is JSON by construction.
  if (value === null) return null;
  if (typeof value === 'object')
    throw new Error(`"key" must be a text, got ${Array.isArray(value) ? 'a list' : 'an object'}`);
  return storable(String(value));
}

/** A database takes neither a zero byte nor half a surrogate pair, and an index no text of any length. */
function storable(text: string): string {
  const isPlain = text.length <= longestKey && !text.includes('\0') && wellFormed(text) === text;
  return isPlain ? text : `sha256:${sha256Hex(JSON.stringify(text))}`;
}
