/** Shorter parts of a path are versions, such as `v1`, and words. */
const shortestKey = 8;
/** Even without a digit, longer parts are no words. */
const longestWord = 20;

/**
 * What may be a key in an endpoint's URL: the values of its query, and the parts of its path and the names in its query that are no
 * words, as in `https://hooks.chat.example/services/T024BE7LD/XXXXXXXXXXXXXXXXXXXXXXXX`.
 */
export function keysInUrl(url: string): string[] {
  const { pathname, searchParams } = new URL(url);
  return [...searchParams.values(), ...[...pathname.split('/'), ...searchParams.keys()].filter(mayBeKey)];
}

/** The URL for others to read: what may be a key in its path is replaced, and the query and what logs in are left out. */
export function urlWithoutKeys(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname
    .split('/')
    .map((part) => (mayBeKey(part) ? '…' : part))
    .join('/')}`;
}

function mayBeKey(part: string): boolean {
  return part.length > longestWord || (part.length >= shortestKey && /\d/.test(part));
}
