import type { Json, JsonObject } from '../language/json.ts';
import { parseDuration } from '../language/duration.ts';

/**
 * What activities and other definitions' runs answer, by the step's path. A list is used up one attempt after the other, its
 * last member for all that follow; anything else answers every attempt.
 */
export type Mocks = Record<string, Json>;

/** One attempt's end. */
export interface MockAnswer {
  /** Time that the attempt takes. */
  afterMs: number;
  error?: MockError;
  /** Undefined, where `error` is as well: the result is made up. */
  result?: Json;
}

export interface MockError {
  type: string;
  message: string;
  /** Undefined: as the type usually is. */
  retryable: boolean | undefined;
}

/**
 * A mock as it is written: `{ "result": … }`, `{ "error": { "type", "message"?, "retryable"? } }`, either with `"after": "2m"`.
 * An object with any other key, and everything else, is the result itself.
 */
export function isWrapped(mock: Json): mock is JsonObject {
  if (mock === null || typeof mock !== 'object' || Array.isArray(mock)) return false;
  const keys = Object.keys(mock);
  return keys.length > 0 && keys.every((key) => ['result', 'error', 'after'].includes(key));
}

/** Hands out the answers of one simulation. */
export interface AnswerBook {
  /**
   * The next answer for an attempt of the step at that path; undefined where there is no mock. The path is `<step id>`, with the
   * index of each loop behind it (`pay/3`), behind the step of the run that it belongs to (`ship/pay/3`), `/undo` at its end for
   * undoing. A mock for the very path goes before one for the path without indices, which all items share.
   */
  next(path: string): MockAnswer | undefined;
}

export function createAnswerBook(mocks: Mocks): AnswerBook {
  const used = new Map<string, number>();
  return {
    next(path) {
      const name = [path, withoutIndices(path)].find((each) => Object.hasOwn(mocks, each));
      if (name === undefined) return undefined;
      const mock = mocks[name] ?? null;
      if (!Array.isArray(mock)) return answerOf(mock);
      const position = used.get(name) ?? 0;
      used.set(name, position + 1);
      return answerOf(mock[Math.min(position, mock.length - 1)] ?? null);
    },
  };
}

/** `ship/pay` for `ship/2/pay/3`: the name that is the same for all items of a loop. */
export function withoutIndices(path: string): string {
  return path
    .split('/')
    .filter((part) => !/^[0-9]+$/.test(part))
    .join('/');
}

function answerOf(mock: Json): MockAnswer {
  if (!isWrapped(mock)) return { afterMs: 0, result: mock };
  const { after, error, result } = mock;
  const afterMs = typeof after === 'string' ? parseDuration(after) : 0;
  if (error !== undefined) return { afterMs, error: errorOf(error) };
  return { afterMs, ...(result === undefined ? {} : { result }) };
}

function errorOf(error: Json): MockError {
  const { type, message, retryable } = error as { type: string; message?: string; retryable?: boolean }; // The schema's.
  return { type, message: message ?? type, retryable };
}
