import { z } from 'zod';
import { eventPlaces } from './alternatives.ts';
import { compilePlace, parsePlace } from './place.ts';
import { placeSchema } from './place-schema.ts';
import type { RequestView } from './request-view.ts';

const patternSchema = z
  .strictObject({
    pattern: z.string().refine(isPattern, 'expected a regular expression'),
  })
  .describe('A regular expression for the whole text.');

export const matchSchema = z
  .record(placeSchema(eventPlaces), z.array(z.union([z.string(), z.null(), patternSchema])).min(1))
  .describe('Places and the texts that each may have; null is an absent one. All of the places must match.');
export type Match = z.output<typeof matchSchema>;

/** The first entry all of whose places have one of their texts; an entry without a match holds always. */
export function compileFirstMatch<T extends { match?: Match | undefined }>(entries: readonly T[]) {
  const compiled = entries.map((entry) => ({ entry, holds: compileMatch(entry.match ?? {}) }));
  return (view: RequestView): T | undefined => compiled.find(({ holds }) => holds(view))?.entry;
}

export function compileMatch(match: Match): (view: RequestView) => boolean {
  const conditions = Object.entries(match).map(([place, texts]) => ({
    read: compilePlace(parsePlace(place, eventPlaces)),
    texts: new Set<string | null>(texts.filter((text) => text === null || typeof text === 'string')),
    patterns: texts.flatMap((text) => (typeof text === 'object' && text !== null ? [whole(text.pattern)] : [])),
  }));
  return (view) =>
    conditions.every(({ read, texts, patterns }) => {
      const text = read(view) ?? null;
      return texts.has(text) || (text !== null && text.length <= textLimit && patterns.some((each) => each.test(text)));
    });
}

/** Characters that a pattern is tried on: what a stranger sends must not keep it busy. */
const textLimit = 256;

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}

function isPattern(text: string): boolean {
  try {
    whole(text);
    return true;
  } catch {
    return false;
  }
}
