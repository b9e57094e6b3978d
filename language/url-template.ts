import { ExpressionError } from './expression-error.ts';
import type { Json } from './json.ts';
import { typeName } from './operators/operator.ts';
import { parseTemplateText } from './template.ts';
import { wellFormed } from './well-formed.ts';

/** The URL of an `http` step: a text with `{{path}}`, or `{"raw": <text>}`, whose values are not encoded. */
export type UrlTemplate = string | { raw: string };

export interface UrlValues {
  /** Throws an {@link ExpressionError} if the path finds nothing. */
  valueAt: (path: string) => Json;
  /** The text of a variable that the definition never changes; undefined if it is not one. */
  constantAt: (path: string) => string | undefined;
}

/** What `http.request` accepts. */
const longestUrl = 2_048;

/** Scheme, host and port. The host has no user, no escapes and no character that ends it early for another parser. */
const origin = /^https?:\/\/(?:\[[0-9a-f:.]+\]|[^\s/?#\\@:[\]{}%<>^|"`]+)(?::[0-9]{1,5})?(?=[/?#]|$)/i;
/** Once the text has this form, whatever follows cannot change the origin. */
const beyondOrigin = /^https?:\/\/[^/?#\\]+[/?#]/i;

/**
 * Fills in a URL. Each value is encoded for its place: it stays one part of the path, one parameter's name or value, or a part of the
 * fragment. With `raw`, it is inserted as it is. Scheme, host and port are text of the definition in both cases. Throws an
 * {@link ExpressionError} on null, lists and objects, on values that would make a part of the path empty or `..`, and above 2,048
 * characters.
 */
export function fillUrl(template: UrlTemplate, values: UrlValues): string {
  const isRaw = typeof template !== 'string';
  const [base, rest] = splitOrigin(isRaw ? template.raw : template, values.constantAt);
  const parts: Filled[] = rest.map(({ text, path = '' }) =>
    text === undefined ? filled(path, values.valueAt(path), isRaw) : { text },
  );
  const url = [{ text: base }, ...parts].map(({ text }) => text).join('');
  if (url.length > longestUrl) {
    throw new ExpressionError(
      'KAIT_EXPRESSION_LIMIT',
      `The URL has ${url.length} characters. At most ${longestUrl} are sent.`,
    );
  }
  if (!isRaw) checkPath([{ text: base.replace(origin, '') }, ...parts]);
  return url;
}

/** Why the origin of a URL is not one; undefined if it is. For the checker. */
export function originProblem(
  template: UrlTemplate,
  constantAt: UrlValues['constantAt'],
): { problem: string; path?: string } | undefined {
  try {
    splitOrigin(typeof template === 'string' ? template : template.raw, constantAt);
    return undefined;
  } catch (error) {
    if (error instanceof OriginError) return { problem: error.message, ...(error.path && { path: error.path }) };
    if (error instanceof ExpressionError) return undefined; // Braces, which are reported where templates are.
    throw error;
  }
}

/** The scheme, host and port of a URL, which are text of the definition. Undefined if they have a mistake. For the checker. */
export function originOfUrl(template: UrlTemplate, constantAt: UrlValues['constantAt']): URL | undefined {
  if (originProblem(template, constantAt) !== undefined) return undefined;
  try {
    const [base] = splitOrigin(typeof template === 'string' ? template : template.raw, constantAt);
    return new URL(origin.exec(base)?.[0] ?? '');
  } catch {
    return undefined; // Braces without a path, or a port that is none: reported elsewhere.
  }
}

/** Whether a text begins with a scheme, a host and perhaps a port that every parser understands alike. */
export function isOrigin(text: string): boolean {
  return origin.test(text);
}

class OriginError extends ExpressionError {
  /** The path that stands where the host is. */
  readonly path: string | undefined;

  constructor(message: string, path?: string) {
    super('KAIT_EXPRESSION_INVALID', message);
    this.path = path;
  }
}

type Part = ReturnType<typeof parseTemplateText>[number];

/** The beginning of the URL, which is text of the definition at least as far as its host goes, and the parts after it. */
function splitOrigin(text: string, constantAt: UrlValues['constantAt']): [base: string, rest: Part[]] {
  const parts = parseTemplateText(text);
  let base = '';
  let position = 0;
  for (; position < parts.length && !beyondOrigin.test(base); position += 1) {
    const part = parts[position];
    const next = part?.path === undefined ? part?.text : constantAt(part.path);
    if (next === undefined) throw notLiteral(part?.path ?? '');
    base += next;
  }
  if (!origin.test(base)) {
    throw new OriginError('A URL must start with https:// or http:// and a host, such as https://shop.example.com/.');
  }
  return [base, parts.slice(position)];
}

function notLiteral(path: string): OriginError {
  return new OriginError(`{{${path}}} stands where the host of this URL is, which only plain text can choose.`, path);
}

interface Filled {
  text: string;
  /** Where the value came from; undefined for text of the definition. */
  path?: string;
}

function filled(path: string, value: Json, isRaw: boolean): Filled {
  if (value === null || typeof value === 'object') {
    const message = `{{${path}}} is ${typeName(value)}. In a URL it must be a text, a number or a boolean.`;
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', message);
  }
  const text = wellFormed(String(value));
  if (isRaw && /[\p{Cc}\s]/u.test(text)) {
    const message = `{{${path}}} contains white space or a control character, which no URL can contain.`;
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', message);
  }
  return { text: isRaw ? text : encodeURIComponent(text), path };
}

/** A part of the path that a value makes empty or a dot segment leads to another path, however it is encoded. */
function checkPath(parts: Filled[]): void {
  let segment = '';
  let last: string | undefined;
  for (const { text, path } of parts) {
    if (path !== undefined) {
      segment += text;
      last = path;
      continue;
    }
    const end = text.search(/[?#]/);
    const [first = '', ...others] = (end === -1 ? text : text.slice(0, end)).split(/[/\\]/);
    segment += first;
    if (others.length > 0) {
      checkSegment(segment, last);
      segment = others.at(-1) ?? '';
      last = undefined;
    }
    if (end !== -1) break;
  }
  checkSegment(segment, last);
}

function checkSegment(segment: string, path: string | undefined): void {
  if (path === undefined) return;
  if (segment === '') {
    const message = `{{${path}}} is empty, so a part of the URL's path would be missing.`;
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', message);
  }
  if (/^(?:\.|%2e){1,2}$/i.test(segment)) {
    const message = `{{${path}}} makes a part of the URL's path "." or "..", which would lead to another path.`;
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', message);
  }
}
