/** A copy of a JSON document with `value` at a path of keys and array positions; objects on the way are made as needed. */
export function assignAt(document: unknown, [key, ...rest]: string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(document)) {
    const items = document as unknown[];
    const position = Number(key);
    if (!Number.isInteger(position) || position < 0 || position > items.length) return document;
    return [...items.slice(0, position), assignAt(items[position], rest, value), ...items.slice(position + 1)];
  }
  const members = typeof document === 'object' && document !== null ? Object.entries(document) : [];
  const present = new Map<string, unknown>(members);
  present.set(key, assignAt(present.get(key), rest, value));
  return Object.fromEntries(present); // Defines own members, whatever the key.
}
