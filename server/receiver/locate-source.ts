import { equalsAny } from '../equals-any.ts';

/** What finding a request's source needs to know about it. */
export interface Located {
  name: string;
  /** The URL must end with one of them: `/in/<name>/<secret>`. Null if the source has none. */
  pathSecrets: readonly string[] | null;
}

export interface SourceLookup<Source extends Located> {
  find(name: string): Source | undefined;
  /** Finds the source that is also mounted at exactly this path. */
  findPath(path: string): Source | undefined;
}

export type Location<Source> =
  | { source: Source; rejection: null }
  | { source: Source; rejection: 'wrong-path-secret' }
  | { source: null; rejection: 'unknown-source' | 'not-found' };

/**
 * Finds the source at a request's URL. A source with a path secret is found only with it. The lookup takes as long as one for a
 * source that does not exist, so that strangers cannot tell by measuring. The source's other paths need the secret too.
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

/** Compared with when there is no source, so that the lookup takes as long. */
const nobodysSecret = ['nobody’s'];

interface Mount<Source> {
  /** Whether the path has the form of a source's path, so that its sender means a source. */
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

/**
 * Returns the path without the query. A proxy may send a whole URL (RFC 9112, 3.2.2); its path counts. Doubled slashes and one at
 * the end are read as typing mistakes: `//in/stripe/` is `/in/stripe`. No source is mounted at a path that has either, and
 * slashes of a path secret are percent-encoded, so no two spellings lead to different sources.
 */
export function pathOf(url: string): string {
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  const single = path.replace(/\/+/g, '/');
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

/** Keeps text that is not valid percent-encoding as it is. */
function decoded(part: string | undefined): string | null {
  if (part === undefined) return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
