import { createHash, createHmac } from 'node:crypto';
import { isObject, type Json } from '../../../language/json.ts';
import type { RequestView } from '../request-view.ts';
import type { RequestOptions, SignatureOptions } from './ask-schema.ts';
import { compileAskText, type AskText } from './ask-text.ts';

export interface RequestBody extends AskText {
  contentType: string;
}

/** Null if the request has no body. */
export function compileBody({ form, json }: Pick<RequestOptions, 'form' | 'json'>): RequestBody | null {
  if (form !== undefined) return compileForm(form);
  return json === undefined ? null : compileJson(json);
}

function compileForm(form: Record<string, string>): RequestBody {
  const fields = Object.entries(form).map(([name, template]) => ({ name, text: compileAskText(template) }));
  return {
    contentType: 'application/x-www-form-urlencoded',
    read: (view) =>
      new URLSearchParams(fields.map(({ name, text }): [string, string] => [name, text.read(view)])).toString(),
    uses: new Set(fields.flatMap(({ text }) => [...text.uses])),
  };
}

function compileJson(json: Json): RequestBody {
  const uses = new Set<string>();
  const fill = compileValue(json, uses);
  return { contentType: 'application/json', read: (view) => JSON.stringify(fill(view)), uses };
}

/** Adds the values that its texts use to `uses`. */
function compileValue(value: Json, uses: Set<string>): (view: RequestView) => Json {
  if (typeof value === 'string') {
    const text = compileAskText(value);
    for (const each of text.uses) uses.add(each);
    return (view) => text.read(view);
  }
  if (Array.isArray(value)) {
    const members = value.map((member) => compileValue(member, uses));
    return (view) => members.map((fill) => fill(view));
  }
  if (!isObject(value)) return () => value;
  const members = Object.entries(value).map(([name, member]) => [name, compileValue(member, uses)] as const);
  return (view) => Object.fromEntries(members.map(([name, fill]) => [name, fill(view)]));
}

/** A digest in a request, `{signed:<name>}`. */
export interface RequestSignature {
  /** `signed:<name>`. */
  selector: string;
  /** Whether it covers the request's own body, and so cannot be part of it. */
  ofBody: boolean;
  /** The question's own values that it uses. */
  uses: readonly string[];
  compute: (view: RequestView) => string;
}

/** The signatures in `uses`, and those that they are made of, in the order of the preset: each may use those above it. */
export function compileSignatures(
  sign: Record<string, SignatureOptions>,
  uses: ReadonlySet<string>,
): RequestSignature[] {
  const needed = new Set(uses);
  return compileAll(sign)
    .reverse()
    .filter((signature) => {
      if (!needed.has(signature.selector)) return false;
      for (const used of signature.uses) needed.add(used);
      return true;
    })
    .reverse();
}

function compileAll(sign: Record<string, SignatureOptions>): RequestSignature[] {
  const ofBody = new Set(['body']);
  return Object.entries(sign).map(([name, options]) => {
    const selector = `signed:${name}`;
    const text = compileAskText(options.text);
    const key = compileAskText(options.algorithm.startsWith('hmac-') ? (options.key ?? '{key}') : '');
    const uses = [...text.uses, ...key.uses];
    const coversBody = uses.some((used) => ofBody.has(used));
    if (coversBody) ofBody.add(selector);
    return { selector, ofBody: coversBody, uses, compute: (view) => digest(options, text.read(view), key.read(view)) };
  });
}

/** Some gateways require MD5. It protects only this one request. */
function digest({ algorithm, encoding }: SignatureOptions, text: string, key: string): string {
  const hmac = /^hmac-(.*)$/.exec(algorithm)?.[1];
  const hash = hmac === undefined ? createHash(algorithm) : createHmac(hmac, key);
  return hash.update(text).digest(encoding);
}
