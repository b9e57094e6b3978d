const form =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Unix milliseconds of an instant of RFC 3339; finer fractions are cut off. Undefined: the text is none, or names a day that its
 * month does not have, which `Date.parse` takes for one of the next month. Leap seconds are not known.
 */
export function parseRfc3339(text: string): number | undefined {
  const [, day] = form.exec(text) ?? [];
  if (day === undefined) return undefined;
  const dayMs = Date.parse(day);
  if (Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== day) return undefined;
  return Date.parse(text);
}

/** The instant in UTC with milliseconds. Undefined: not within the years 0000 to 9999, beyond which ISO 8601 has another form. */
export function formatRfc3339(unixMs: number): string | undefined {
  return unixMs >= earliestMs && unixMs < endMs ? new Date(unixMs).toISOString() : undefined;
}

const earliestMs = -62_167_219_200_000;
const endMs = 253_402_300_800_000;
