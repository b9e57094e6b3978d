/** What waits, by keys that take turns: whoever has one thing waiting is not behind everything of another. */
export interface FairQueue<Item> {
  push(key: string, item: Item): void;
  /** The oldest one of the key whose turn it is. Undefined: nothing waits. */
  shift(): Item | undefined;
  readonly size: number;
  clear(): void;
}

export function createFairQueue<Item>(): FairQueue<Item> {
  /** In the order of their turns. None is empty. */
  const byKey = new Map<string, Item[]>();
  let size = 0;
  return {
    push(key, item) {
      const items = byKey.get(key);
      if (items === undefined) byKey.set(key, [item]);
      else items.push(item);
      size += 1;
    },
    shift() {
      for (const [key, items] of byKey) {
        byKey.delete(key);
        const item = items.shift();
        if (items.length > 0) byKey.set(key, items);
        size -= 1;
        return item;
      }
      return undefined;
    },
    get size() {
      return size;
    },
    clear() {
      byKey.clear();
      size = 0;
    },
  };
}
