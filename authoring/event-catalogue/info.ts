import type { EventCatalogue } from '../../language/event-types.ts';
import type { JsonObject } from '../../language/json.ts';

/** The `info` of AsyncAPI and OpenAPI, which is the same for both. */
export function infoOf({ title, description, version, contact }: EventCatalogue): JsonObject {
  const known = Object.entries(contact ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return {
    title,
    version,
    ...(description !== undefined && { description }),
    ...(known.length > 0 && { contact: Object.fromEntries(known) as JsonObject }),
  };
}
