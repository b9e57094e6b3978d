/** A key that was fetched and has not verified anything yet. */
export interface UnprovenKey {
  address: string;
  text: string;
  /** The network that named the address first. */
  sender: string;
  fetchedAt: number;
}

/**
 * Keeps the keys that only strangers have named. If there are too many, the sender with the most loses its oldest, so that nobody can
 * displace the keys of others.
 */
export function createUnprovenKeys({ now, keepMs }: { now: () => number; keepMs: number }) {
  const keys = new Map<string, UnprovenKey>();
  return {
    get(address: string): UnprovenKey | undefined {
      const key = keys.get(address);
      if (key === undefined || now() < key.fetchedAt + keepMs) return key;
      keys.delete(address);
      return undefined;
    },
    add(key: UnprovenKey): void {
      keys.set(key.address, key);
      if (keys.size > mostKeys) keys.delete(oldestOfMost([...keys.values()]));
    },
    delete(address: string): void {
      keys.delete(address);
    },
  };
}

/** Of some 2 kB each. */
const mostKeys = 100;

function oldestOfMost(keys: readonly UnprovenKey[]): string {
  const counts = new Map<string, number>();
  for (const { sender } of keys) counts.set(sender, (counts.get(sender) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return keys.find(({ sender }) => counts.get(sender) === most)?.address ?? '';
}
