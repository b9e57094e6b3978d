/** A map whose values are made when they are asked for. Asking for all makes all. */
export function lazyMap<Key, Value>(makers: ReadonlyMap<Key, () => Value>): ReadonlyMap<Key, Value> {
  const entries = () => [...makers].map(([key, make]): [Key, Value] => [key, make()]);
  return {
    size: makers.size,
    get: (key) => makers.get(key)?.(),
    has: (key) => makers.has(key),
    keys: () => makers.keys(),
    values: () =>
      entries()
        .map(([, value]) => value)
        .values(),
    entries: () => entries().values(),
    forEach: (visit) => new Map(entries()).forEach(visit),
    [Symbol.iterator]: () => entries().values(),
  };
}

/** Makes a value at the first call, and returns the same one from then on. */
export function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
