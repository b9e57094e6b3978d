import { createHash } from 'node:crypto';
import { ApiProblem } from './problem.ts';

/*
 * ETags (RFC 9110, section 13). A GET of a single thing has one, and answers 304 to `If-None-Match` while the answer is the same. A route
 * that changes a thing which has been read before takes `If-Match`, so that nobody overwrites what another has changed meanwhile.
 *
 * An ETag is `"3.kX2…"`: how often people have changed the thing, if that is counted, and a digest of the answer. `If-Match` compares the
 * count only, because what Kait itself observes, such as failing requests, is no reason to refuse a change. `If-None-Match` compares all.
 */

/** Of an answer: as the header `ETag`. Without the body, for answers that are not the thing as GET shows it. */
export function etagOf(version: number | null, body: string | null): string {
  const digest = body === null ? null : createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return `"${[version, digest].filter((part) => part !== null).join('.')}"`;
}

/**
 * The version that the header `If-Match` names. Null: there is none, or it is `*`, so any will do. A proxy that compresses may have made the
 * ETag a weak one.
 */
export function versionOfIfMatch(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  const [, version] = /^\s*(?:W\/)?"(\d{1,9})(?:\.[\w-]{22})?"\s*$/.exec(ifMatch) ?? [];
  if (version !== undefined) return Number(version);
  throw new ApiProblem(400, 'invalid-request', 'If-Match must be one ETag of an earlier answer, such as "3".');
}

/** For routes that cannot keep the promise: a change that the client believes to be guarded would go through. */
export function refuseCondition(name: 'If-Match' | 'If-None-Match', given: string | undefined): void {
  if (given !== undefined) throw new ApiProblem(400, 'invalid-request', `This route takes no ${name}.`);
}

/** The ETags that the header `If-None-Match` names, without the mark of weak ones. Null: there is none. `*` is any. */
export function knownEtags(ifNoneMatch: string | undefined): string[] | '*' | null {
  if (ifNoneMatch === undefined) return null;
  if (ifNoneMatch.trim() === '*') return '*';
  const isList = /^\s*(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*\s*$/.test(ifNoneMatch);
  if (isList) return ifNoneMatch.match(/"[^"]*"/g) ?? [];
  const detail = 'If-None-Match must be * or the ETags of earlier answers, separated by commas, each in double quotes.';
  throw new ApiProblem(400, 'invalid-request', detail);
}

/** It was changed meanwhile. */
export function changedMeanwhile(what: string): ApiProblem {
  const detail = `${what} was changed meanwhile. Read it again, and send the change with its new ETag.`;
  return new ApiProblem(412, 'changed-meanwhile', detail);
}
