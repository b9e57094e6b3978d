/**
 * Headers that note which of them were looked for and are not there. Only the headers in a source's `keepHeaders` are kept with a body,
 * so without the others it may be read as another event than the gateway sent.
 */
export function watchHeaders(kept: Readonly<Record<string, string>>): {
  headers: Record<string, string>;
  /** The sorted names of the absent headers that were looked for so far. */
  missing: () => string[];
} {
  const missing = new Set<string>();
  const headers = new Proxy<Record<string, string>>(
    { ...kept },
    {
      // `Object.hasOwn` calls it.
      getOwnPropertyDescriptor(target, name) {
        const found = Reflect.getOwnPropertyDescriptor(target, name);
        if (found === undefined && typeof name === 'string') missing.add(name);
        return found;
      },
    },
  );
  return { headers, missing: () => [...missing].sort() };
}
