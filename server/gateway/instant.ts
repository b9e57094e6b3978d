import { z } from 'zod';

/** How gateways write a time. `local` is `2026-01-01 06:59:48` (or with a `T`) without a zone. */
export const instantFormats = ['unix', 'unixms', 'rfc3339', 'local'] as const;
export type InstantFormat = (typeof instantFormats)[number];

export const zoneSchema = z
  .string()
  .regex(/^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/, 'expected an offset such as +07:00, or Z')
  .describe('The UTC offset of times without a zone. Default: Z.');

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;
const local = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?$/;

/** Milliseconds since 1970. Undefined if the text does not have the format, or the time is not in the years 1970 to 9999. */
export function parseInstant(text: string, format: InstantFormat, zone = 'Z'): number | undefined {
  const atMs = millisecondsOf(text, format, zone);
  return atMs >= 0 && atMs < Date.UTC(10_000, 0) ? atMs : undefined;
}

/** The inverse of {@link parseInstant}, for requests that Kait signs itself. */
export function formatInstant(atMs: number, format: InstantFormat): string {
  switch (format) {
    case 'unix':
      return String(Math.floor(atMs / 1000));
    case 'unixms':
      return String(Math.floor(atMs));
    case 'rfc3339':
      return new Date(atMs).toISOString();
    case 'local':
      return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
  }
}

/** NaN if the text does not have the format. */
function millisecondsOf(text: string, format: InstantFormat, zone: string): number {
  switch (format) {
    case 'unix':
      return /^\d{1,12}(?:\.\d{1,9})?$/.test(text) ? Math.round(Number(text) * 1000) : NaN;
    case 'unixms':
      return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    case 'rfc3339':
      return rfc3339.test(text.toUpperCase()) ? Date.parse(text.toUpperCase()) : NaN;
    case 'local':
      return local.test(text) ? Date.parse(`${text.replace(' ', 'T')}${zone}`) : NaN;
  }
}
