import { createHash, createHmac } from 'node:crypto';
import type { RequestView } from '../request-view.ts';
import type { SignatureOptions } from './ask-schema.ts';
import { compileAskText } from './ask-text.ts';

/** A digest that a request carries, the place `signed:<name>`. */
export interface RequestSignature {
  place: string;
  /** Whether it covers the request's own body, and so cannot be part of it. */
  ofBody: boolean;
  /** The question's own places that it takes. */
  uses: readonly string[];
  compute: (view: RequestView) => string;
}

/**
 * Those that `uses` names, and what they are made of, in the order in which they are written: each may be part of the text of
 * those below it.
 */
export function compileSignatures(
  sign: Record<string, SignatureOptions>,
  uses: ReadonlySet<string>,
): RequestSignature[] {
  const needed = new Set(uses);
  return compileAll(sign)
    .reverse()
    .filter((signature) => {
      if (!needed.has(signature.place)) return false;
      for (const used of signature.uses) needed.add(used);
      return true;
    })
    .reverse();
}

function compileAll(sign: Record<string, SignatureOptions>): RequestSignature[] {
  const ofBody = new Set(['body']);
  return Object.entries(sign).map(([name, options]) => {
    const place = `signed:${name}`;
    const text = compileAskText(options.text);
    const key = compileAskText(options.algorithm.startsWith('hmac-') ? (options.key ?? '{key}') : '');
    const uses = [...text.uses, ...key.uses];
    const coversBody = uses.some((used) => ofBody.has(used));
    if (coversBody) ofBody.add(place);
    return { place, ofBody: coversBody, uses, compute: (view) => digest(options, text.read(view), key.read(view)) };
  });
}

/** MD5 is what some gateways ask for; it protects nothing here but the request. */
function digest({ algorithm, encoding }: SignatureOptions, text: string, key: string): string {
  const hmac = /^hmac-(.*)$/.exec(algorithm)?.[1];
  const hash = hmac === undefined ? createHash(algorithm) : createHmac(hmac, key);
  return hash.update(text).digest(encoding);
}
