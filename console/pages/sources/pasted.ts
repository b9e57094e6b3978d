/** What somebody has pasted of a request's head. */
export interface PastedHead {
  headers: { name: string; value: string }[];
  /** Of a first line such as `POST /in/stripe HTTP/1.1`. Null: there is none. */
  url: string | null;
  /** Lines that are neither. */
  unread: string[];
}

/**
 * Reads headers as tools show them: `Name: value`, as curl writes them after `-H`, or as JSON. A line that begins with a blank goes on with the one
 * before.
 */
export function headOf(text: string): PastedHead {
  const fromJson = objectOf(text);
  if (fromJson !== null) return { headers: fromJson, url: null, unread: [] };
  const head: PastedHead = { headers: [], url: null, unread: [] };
  for (const line of text.split(/\r?\n/)) {
    const last = head.headers.at(-1);
    if (line.trim() === '') continue;
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.value = `${last.value} ${line.trim()}`;
      continue;
    }
    const plain = line.trim().replace(/\s*\\$/, '');
    const curl = /^(?:-H|--header)\s+(['"])(.*)\1$/.exec(plain)?.[2];
    const [, target] = /^(?:POST|GET|PUT)\s+(\S+)(?:\s+HTTP\/[\d.]+)?$/i.exec(plain) ?? [];
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*)$/.exec(curl ?? plain) ?? [];
    if (target !== undefined) head.url = pathOf(target);
    else if (name !== undefined && value !== undefined) head.headers.push({ name, value });
    else head.unread.push(line.trim());
  }
  return head;
}

function objectOf(text: string): PastedHead['headers'] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.entries(value).map(([name, each]) => ({ name, value: String(each) }));
  } catch {
    return null;
  }
}

/** Path and query. Null: it is no address. */
function pathOf(target: string): string | null {
  if (target.startsWith('/')) return target;
  if (!URL.canParse(target)) return null;
  const { pathname, search } = new URL(target);
  return pathname + search;
}
