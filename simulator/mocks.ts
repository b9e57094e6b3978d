import type { Json, JsonObject } from '../language/json.ts';
import type { UnexpectedAnswer } from '../workflows/effects.ts';
import { parseDuration } from '../language/time.ts';

/**
 * The answers of activities and of other definitions' runs, by the step's path. A list gives one answer per attempt and then
 * repeats its last; any other value answers every attempt.
 */
export type Mocks = Record<string, Json>;

/** How one attempt ends. */
export interface MockAnswer {
  /** The time that the attempt takes. */
  afterMs: number;
  error?: MockError;
  /** If `error` is undefined too, the result is made up. */
  result?: Json;
}

export interface MockError {
  type: string;
  message: string;
  /** If undefined, the error type decides. */
  retryable: boolean | undefined;
  /** Whether the attempt may have had its effect nevertheless. If undefined, the error type decides. */
  inDoubt: boolean | undefined;
  /** What an `http` step was answered. */
  answer?: UnexpectedAnswer;
}

/**
 * Whether a mock has the long form `{ "result": … }` or `{ "error": { "type", "message"?, "retryable"?, "inDoubt"?, "status"?, "body"?,
 * "headers"? } }`, either with `"after": "2m"`. Any other value is the result itself.
 */
export function isWrapped(mock: Json): mock is JsonObject {
  if (mock === null || typeof mock !== 'object' || Array.isArray(mock)) return false;
  const keys = Object.keys(mock);
  return keys.length > 0 && keys.every((key) => ['result', 'error', 'after'].includes(key));
}

/** The answers of one simulation. */
export interface AnswerBook {
  /**
   * The next answer for an attempt of the step at a path; undefined without a mock. A path is `<step id>`, followed by the index of
   * each loop (`pay/3`), preceded by the step that started its run (`ship/pay/3`), and ends with `/undo` when the step is undone.
   * A mock for the exact path takes precedence over one for the path without indices, which all items share.
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

/** `ship/pay` for `ship/2/pay/3`: the path that all items of a loop share. */
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
  const { type, message, retryable, inDoubt, status, body = null, headers = {} } = error as unknown as MockedError; // As checked by the schema.
  const answer = status === undefined ? {} : { answer: { status, body, headers } };
  return { type, message: message ?? type, retryable, inDoubt, ...answer };
}

interface MockedError {
  type: string;
  message?: string;
  retryable?: boolean;
  inDoubt?: boolean;
  status?: number;
  body?: Json;
  headers?: Record<string, string>;
}
