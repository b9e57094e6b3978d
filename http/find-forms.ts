/** Called with where a form begins and ends. */
export type OnFound = (from: number, to: number) => void;

/** The shortest form that it can look for. */
export const windowLength = 8;
const filterSize = 2 ** 16;

/**
 * Returns a search for forms of at least eight characters, whose time grows with the text and not with the number of forms: a hash of the
 * last eight characters goes along with it, and only where it is that of a form's beginning are forms compared.
 */
export function createFinder(forms: readonly string[]): (text: string, onFound: OnFound) => void {
  const byHash = new Map<number, string[]>();
  const filter = new Uint8Array(filterSize);
  for (const form of forms) {
    const hash = hashOf(form);
    byHash.set(hash, [...(byHash.get(hash) ?? []), form]);
    filter[slotOf(hash)] = 1;
  }
  return (text, onFound) => {
    let hash = hashOf(text.slice(0, windowLength - 1));
    for (let at = windowLength - 1; at < text.length; at += 1) {
      hash = appended(hash, text.charCodeAt(at));
      if (filter[slotOf(hash)] === 0) continue;
      const from = at - windowLength + 1;
      for (const form of byHash.get(hash) ?? []) if (text.startsWith(form, from)) onFound(from, from + form.length);
    }
  };
}

/** Of the first eight characters. */
function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < Math.min(windowLength, text.length); at += 1) hash = appended(hash, text.charCodeAt(at));
  return hash;
}

/** 32 bits, of which each character takes four more. So eight characters later, nothing is left of it. */
function appended(hash: number, code: number): number {
  return ((hash << 4) + code) | 0;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 16)) & (filterSize - 1);
}
