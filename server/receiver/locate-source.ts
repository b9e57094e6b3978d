import { equalsAny } from '../equals-any.ts';

/** What the way of a request to its source needs to know of it. */
export interface Located {
  name: string;
  /** What must follow the name in the URL, any of them: `/in/<name>/<secret>`. Null: nothing does. */
  pathSecrets: readonly string[] | null;
}

export interface SourceLookup<Source extends Located> {
  find(name: string): Source | undefined;
  /** The source that is mounted at exactly this path as well. */
  findPath(path: string): Source | undefined;
}

export type Location<Source> =
  | { source: Source; rejection: null }
  | { source: Source; rejection: 'wrong-path-secret' }
  | { source: null; rejection: 'unknown-source' | 'not-found' };

/**
 * The source at a request's URL. One that has a path secret is not found without it, and costs a stranger who measures the
 * same time as one that there is not. That holds for its other paths too: they end with the secret as well, or lead nowhere.
 */
export function locateSource<Source extends Located>(sources: SourceLookup<Source>, url: string): Location<Source> {
  const path = pathOf(url);
  const { mounted, source, secret } = mountOf(sources, path);
  const secretMatches = equalsAny(secret ?? '', source?.pathSecrets ?? nobodysSecret);
  if (!mounted) return { source: null, rejection: 'not-found' };
  if (source === undefined) return { source: null, rejection: 'unknown-source' };
  if (source.pathSecrets !== null) return { source, rejection: secretMatches ? null : 'wrong-path-secret' };
  return secret === null ? { source, rejection: null } : { source: null, rejection: 'unknown-source' };
}

/** Compared with where there is no source, so that this takes as long. */
const nobodysSecret = ['nobody’s'];

interface Mount<Source> {
  /** Whether the path is one at which sources are, so that its sender has a source in mind. */
  mounted: boolean;
  source: Source | undefined;
  secret: string | null;
}

function mountOf<Source extends Located>(sources: SourceLookup<Source>, path: string): Mount<Source> {
  const [, name, secret] = /^\/in\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (name !== undefined) return { mounted: true, source: sources.find(name), secret: decoded(secret) };
  const exact = sources.findPath(path);
  if (exact !== undefined) return { mounted: true, source: exact, secret: null };
  const end = path.lastIndexOf('/');
  const above = sources.findPath(path.slice(0, end));
  return { mounted: above !== undefined, source: above, secret: decoded(path.slice(end + 1)) };
}

/** Without query. A whole URL, as a proxy may send it (RFC 9112, 3.2.2), counts by its path. */
function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
}

/** Null where there is none; what is no proper percent-encoding stands for itself. */
function decoded(part: string | undefined): string | null {
  if (part === undefined) return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
