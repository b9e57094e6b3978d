import type { JsonObject } from '../language/json.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';

/** A step, without its id, that gives an activity its example. Some activities stand behind a verb. */
export function exampleStep(
  name: string,
  { example = {}, verb }: Pick<CatalogueEntry, 'example' | 'verb'>,
): JsonObject {
  if (verb === undefined) return { call: name, with: example };
  const { url = null, ...others } = example;
  return { [verb]: url, ...others };
}
