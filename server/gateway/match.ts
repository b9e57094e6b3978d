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

export function compileMatch(match: Match): (view: RequestView) => boolean {
  const conditions = Object.entries(match).map(([selector, texts]) => ({
    read: compileSelector(parseSelector(selector, eventSelectors)),
    texts: new Set<string | null>(texts.filter((text) => text === null || typeof text === 'string')),
    patterns: texts.flatMap((text) => (typeof text === 'object' && text !== null ? [whole(text.pattern)] : [])),
  }));
  return (view) =>
    conditions.every(({ read, texts, patterns }) => {
      const text = read(view) ?? null;
      return texts.has(text) || (text !== null && text.length <= textLimit && patterns.some((each) => each.test(text)));
    });
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
