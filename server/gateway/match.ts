import { eventPlaces } from './alternatives.ts';
import { compilePlace, parsePlace } from './place.ts';
import type { Match } from './preset.ts';
import type { RequestView } from './request-view.ts';

/** The first entry all of whose places have one of their texts; an entry without a match holds always. */
export function compileFirstMatch<T extends { match?: Match | undefined }>(entries: readonly T[]) {
  const compiled = entries.map((entry) => ({ entry, holds: compileMatch(entry.match ?? {}) }));
  return (view: RequestView): T | undefined => compiled.find(({ holds }) => holds(view))?.entry;
}

function compileMatch(match: Match): (view: RequestView) => boolean {
  const conditions = Object.entries(match).map(([place, texts]) => ({
    read: compilePlace(parsePlace(place, eventPlaces)),
    texts: new Set(texts),
  }));
  return (view) => conditions.every(({ read, texts }) => texts.has(read(view) ?? null));
}
