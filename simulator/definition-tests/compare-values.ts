import type { Json } from '../../language/json.ts';

/** One place at which a value is not as expected. */
export interface ValueDifference {
  /** `output.orderId`, `steps.order.attempts`. */
  at: string;
  expected: Json;
  /** Undefined: there is nothing. */
  got: Json | undefined;
}

/**
 * How a value differs from what is expected of it. Of objects only the expected members count, of lists every member; lists of
 * different length are one difference.
 */
export function compareValues(expected: Json, got: Json | undefined, at: string): ValueDifference[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length) return [{ at, expected, got }];
    return expected.flatMap((item, position) => compareValues(item, got[position], `${at}.${position}`));
  }
  if (expected !== null && typeof expected === 'object') {
    if (got === null || typeof got !== 'object' || Array.isArray(got)) return [{ at, expected, got }];
    return Object.entries(expected).flatMap(([name, member]) => {
      return compareValues(member, Object.hasOwn(got, name) ? got[name] : undefined, `${at}.${name}`);
    });
  }
  return expected === got ? [] : [{ at, expected, got }];
}
