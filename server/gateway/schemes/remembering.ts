/** A source has a few keys; requests may name others. */
const keepAtMost = 64;

/** `parse`, whose results are kept: making a key of a text takes longer than verifying by it. */
export function remembering<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= keepAtMost) known.clear();
    const parsed = parse(text);
    known.set(text, parsed);
    return parsed;
  };
}
