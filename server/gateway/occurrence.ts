import { z } from 'zod';
import { alternativesSchema, compileAlternatives, joinId } from './event-value.ts';
import { instantFormats, parseInstant, zoneSchema } from './instant.ts';
import type { RequestView } from './request-view.ts';

const writtenSchema = z.strictObject({
  from: alternativesSchema,
  format: z.enum(instantFormats),
  zone: zoneSchema.optional(),
});

/** Where a time is, and how it is written. If there are several, the first that can be read counts. */
export const occurrenceSchema = z.union([writtenSchema, z.array(writtenSchema).min(1)]);
export type Occurrence = z.output<typeof occurrenceSchema>;

/** Reads milliseconds since 1970. Undefined: the gateway does not say, or not in a form that is known. */
export function compileOccurrence(options: Occurrence | undefined): (view: RequestView) => number | undefined {
  const readers = [options ?? []].flat().map(({ from, format, zone }) => {
    const read = compileAlternatives(from, joinId);
    return (view: RequestView): number | undefined => {
      const text = read(view);
      return text === undefined ? undefined : parseInstant(text, format, zone);
    };
  });
  return (view) => {
    for (const read of readers) {
      const atMs = read(view);
      if (atMs !== undefined) return atMs;
    }
    return undefined;
  };
}
