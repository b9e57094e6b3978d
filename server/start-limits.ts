/*
 * Temporal's limits on a start. It answers most requests beyond them like an outage or an error of its own, so Kait measures first.
 */

/**
 * UTF-8 bytes of a run's input as JSON. A large one is in the database, and Temporal's history refers to it. A worker holds it several
 * times over while it reads it.
 */
export const mostInputBytes = 24 * 2 ** 20;

const remedy =
  'Let the definition refer only to the parts of event.data that it needs, since a run keeps nothing else of a large event';

/** Why Temporal would never take an input that was not written as JSON, because it is surely too long. */
export const lengthRefusal = `The run's input takes more than ${mostInputBytes} bytes as JSON, which are the most that fit. ${remedy}`;

/** Bytes of a workflow's or an activity's id. Temporal counts bytes, not characters. */
const mostIdBytes = 1_000;

/** Characters. Temporal's SQL databases keep a keyword in a column of 255, and would try forever to store a longer one. */
const mostKeywordCharacters = 255;

/** Why Temporal would never take a run's input of this size; null if it does. `bytes`: null if it cannot be written as JSON. */
export function sizeRefusal(bytes: number | null): string | null {
  if (bytes !== null && bytes <= mostInputBytes) return null;
  const size = bytes === null ? 'more than can be written as JSON' : `${bytes} bytes as JSON`;
  return `The run's input takes ${size}, and at most ${mostInputBytes} fit. ${remedy}`;
}

/** Why Temporal would never take this id; null if it does. */
export function idRefusal(id: string): string | null {
  const bytes = Buffer.byteLength(id);
  return bytes <= mostIdBytes ? null : `The id takes ${bytes} bytes, and Temporal accepts ${mostIdBytes}`;
}

/** Whether a text can be a search attribute. One that is left out makes a run harder to find, and changes nothing else. */
export function fitsKeyword(text: string): boolean {
  return Array.from(text).length <= mostKeywordCharacters;
}
