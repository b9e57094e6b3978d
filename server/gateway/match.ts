import { z } from 'zod';
import { eventSelectors } from './event-value.ts';
import { compileSelector, parseSelector, selectorSchema, type SelectorKind } from './selector.ts';
import type { RequestView } from './request-view.ts';

const patternSchema = z
  .strictObject({
    pattern: z.string().refine(isPattern, 'expected a regular expression'),
  })
  .describe('A regular expression that matches the whole text.');

/** Schema of a match whose selectors may be of these kinds. */
export function createMatchSchema(allowed: readonly SelectorKind[]) {
  return z
    .record(selectorSchema(allowed), z.array(z.union([z.string(), z.null(), patternSchema])).min(1))
    .describe('Selectors, and the texts that each may have. null matches a missing text. All selectors must match.');
}

export const matchSchema = createMatchSchema(eventSelectors);
export type Match = z.output<typeof matchSchema>;

/** Finds the first entry whose selectors all match. An entry without a match always holds. */
export function compileFirstMatch<T extends { match?: Match | undefined }>(entries: readonly T[]) {
  const compiled = entries.map((entry) => ({ entry, holds: compileMatch(entry.match ?? {}) }));
  return (view: RequestView): T | undefined => compiled.find(({ holds }) => holds(view))?.entry;
}

/** Whether a text is one of these, or matches one of the patterns. */
export function compileTexts(entries: Match[string]): (text: string | null) => boolean {
  const texts = new Set<string | null>(entries.filter((entry) => entry === null || typeof entry === 'string'));
  const patterns = entries.flatMap((entry) =>
    typeof entry === 'object' && entry !== null ? [whole(entry.pattern)] : [],
  );
  return (text) =>
    texts.has(text) || (text !== null && text.length <= textLimit && patterns.some((each) => each.test(text)));
}

export function compileMatch(match: Match): (view: RequestView) => boolean {
  const conditions = Object.entries(match).map(([selector, entries]) => ({
    read: compileSelector(parseSelector(selector, eventSelectors)),
    holds: compileTexts(entries),
  }));
  return (view) => conditions.every(({ read, holds }) => holds(read(view) ?? null));
}

/** Longer texts are not tested against patterns, so that a stranger cannot make a regular expression run for long. */
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
