import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant } from '../../../server/gateway/instant.ts';

describe('a time', () => {
  it.each([
    ['1767225600', 'unix', 'Z', '2026-01-01T00:00:00.000Z'],
    ['1767225600.25', 'unix', 'Z', '2026-01-01T00:00:00.250Z'],
    ['1767225600123', 'unixms', 'Z', '2026-01-01T00:00:00.123Z'],
    ['2026-01-01T00:00:00Z', 'rfc3339', 'Z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01t07:00:00.123456789+07:00', 'rfc3339', 'Z', '2026-01-01T00:00:00.123Z'],
    ['2026-01-01 06:59:48', 'local', '+07:00', '2025-12-31T23:59:48.000Z'],
    ['2026-01-01T06:59:48', 'local', 'Z', '2026-01-01T06:59:48.000Z'],
  ] as const)('%s as %s in %s is %s', (text, format, zone, expected) => {
    expect(new Date(parseInstant(text, format, zone)!).toISOString()).toBe(expected);
  });

  it.each([
    ['999999999999', 'unix'],
    ['-1', 'unix'],
    ['', 'unix'],
    ['1e9', 'unix'],
    ['2026-13-01T00:00:00Z', 'rfc3339'],
    ['2026-01-01', 'rfc3339'],
    ['2026-01-01T00:00:00', 'rfc3339'],
    ['Thu, 01 Jan 2026 00:00:00 GMT', 'rfc3339'],
    ['1969-12-31T23:59:59Z', 'rfc3339'],
    ['2026-01-01 06:59:48 WIB', 'local'],
    ['2026-01-01 25:00:00', 'local'],
  ] as const)('%s is not a time of the format %s', (text, format) => {
    expect(parseInstant(text, format)).toBeUndefined();
  });

  it.each([
    ['unix', '1767225600'],
    ['unixms', '1767225600123'],
    ['rfc3339', '2026-01-01T00:00:00.123Z'],
    ['local', '2026-01-01 00:00:00'],
  ] as const)('is written as %s', (format, expected) => {
    expect(formatInstant(1_767_225_600_123, format)).toBe(expected);
  });
});
