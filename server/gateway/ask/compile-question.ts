import type { RequestView } from '../request-view.ts';
import { compileMatch } from '../match.ts';
import type { AnswerOptions, QuestionOptions, RequestOptions, SignatureOptions } from './ask-schema.ts';
import { compileAskText, ValueMissingError, momentFields } from './ask-text.ts';
import { compileUrl } from './compile-url.ts';
import { compileBody, compileSignatures } from './request-parts.ts';

/** What a question is made of, besides the event. */
export interface Given {
  /** The gateway's API, `https://api.example.com`. It may have a path. */
  apiUrl: string;
  key: string;
  nowMs: number;
  /** Lists only: the time from which on events are wanted. */
  sinceMs?: number;
  token?: string;
}

export interface BuiltRequest {
  method: RequestOptions['method'];
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

export interface QuestionRequest {
  /** For people, as in the preset: `GET {api}/v2/{json:/order_id}/status`. */
  target: string;
  /** Whether it contains the API key. */
  needsKey: boolean;
  /** Throws a {@link ValueMissingError} if a value is missing, or does not fit into a URL or header. */
  build: (view: RequestView, given: Given) => BuiltRequest;
}

/** A request made of an event, the source's key and the time. */
export function compileRequest(options: RequestOptions, sign: Record<string, SignatureOptions>): QuestionRequest {
  const url = compileUrl(options.url);
  const body = compileBody(options);
  const headers = Object.entries(options.headers).map(
    ([name, template]) => ({ name: name.toLowerCase(), text: compileAskText(template) }) as const,
  );
  const texts = [url, ...(body === null ? [] : [body]), ...headers.map(({ text }) => text)];
  const signatures = compileSignatures(sign, new Set(texts.flatMap(({ uses }) => [...uses])));
  return {
    target: `${options.method} ${options.url}`,
    needsKey: [...texts, ...signatures].some(({ uses }) =>
      [...uses].some((used) => used === 'key' || used === 'basic'),
    ),
    build(view, given) {
      const fields = new Map(givenFields(given));
      const own = { ...view, signatureFields: fields };
      const signAll = (ofBody: boolean) => {
        for (const each of signatures) if (each.ofBody === ofBody) fields.set(each.selector, each.compute(own));
      };
      signAll(false);
      const text = body?.read(own) ?? null;
      fields.set('body', text ?? '');
      signAll(true);
      return {
        method: options.method,
        url: url.read(own),
        headers: {
          accept: 'application/json',
          ...(body === null ? {} : { 'content-type': body.contentType }),
          ...Object.fromEntries(headers.flatMap(({ name, text: value }) => headerOf(name, value.read(own)))),
        },
        body: text,
      };
    },
  };
}

/** What the gateway's answers look like, in JSON. Both matches see the thing that the question is about as `item()`. */
export interface AnswerForm {
  /** Where the thing is. */
  at: readonly string[];
  isFound: (answer: RequestView) => boolean;
  isAbsent: (answer: RequestView) => boolean;
}

/** A request, and the one that fetches its token, or null. */
export interface Question {
  request: QuestionRequest;
  answer: AnswerForm;
  token: { request: QuestionRequest; at: string; expiresIn?: string | undefined } | null;
  needsKey: boolean;
}

/** `at` is where the thing is in the answer. */
export function compileQuestion(
  { request, token, sign, answer = {} }: QuestionOptions,
  at: readonly string[] = [],
): Question {
  const compiled = compileRequest(request, sign);
  const first = token === undefined ? null : { ...token, request: compileRequest(token.request, sign) };
  return {
    request: compiled,
    answer: compileAnswer(answer, at),
    token: first,
    needsKey: compiled.needsKey || first?.request.needsKey === true,
  };
}

function compileAnswer({ found = {}, absent }: AnswerOptions, at: readonly string[]): AnswerForm {
  return { at, isFound: compileMatch(found), isAbsent: absent === undefined ? () => false : compileMatch(absent) };
}

function givenFields({ apiUrl, key, nowMs, sinceMs, token }: Given): [name: string, text: string][] {
  const userAndPassword = key.includes(':') ? key : `${key}:`;
  return [
    ['api', apiUrl],
    ['key', key],
    ['basic', `Basic ${Buffer.from(userAndPassword).toString('base64')}`],
    ...momentFields('now', nowMs),
    ...(sinceMs === undefined ? [] : momentFields('since', sinceMs)),
    ...(token === undefined ? [] : [['token', token] as [string, string]]),
  ];
}

/**
 * Left out if it is empty, which only optional selectors can be. Other characters could end the header, or make the HTTP client throw
 * an error with the value in its message.
 */
function headerOf(name: string, text: string): [name: string, text: string][] {
  if (text === '') return [];
  if (!/^[\x20-\x7e]{1,4096}$/.test(text)) throw new ValueMissingError(`value for the header ${name}`);
  return [[name, text]];
}
