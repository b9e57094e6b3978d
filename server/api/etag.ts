import { ApiProblem } from './problem.ts';

/*
 * ETags of things that people change, so that nobody overwrites what another has changed meanwhile (RFC 9110, section 13.1.1). They count the
 * changes that people make. What Kait itself observes about the thing changes without them.
 */

/** As the header `ETag`. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that the header `If-Match` names. Null: there is none, or it is `*`, so any will do. A proxy that compresses may have made the
 * ETag a weak one.
 */
export function versionOfIfMatch(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  const [, version] = /^\s*(?:W\/)?"(\d{1,9})"\s*$/.exec(ifMatch) ?? [];
  if (version !== undefined) return Number(version);
  throw new ApiProblem(400, 'invalid-request', 'If-Match must be one ETag of an earlier answer, such as "3".');
}

/** It was changed meanwhile. */
export function changedMeanwhile(what: string): ApiProblem {
  const detail = `${what} was changed meanwhile. Read it again, and send the change with its new ETag.`;
  return new ApiProblem(412, 'changed-meanwhile', detail);
}
