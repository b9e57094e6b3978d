/** Adds an item to the next group. Settles when that group is committed. */
export type GroupCommit<Item, Result> = (item: Item) => Promise<Result>;

/** The queue is full. The item was not committed. */
export class QueueFullError extends Error {
  constructor(limit: number) {
    super(`${limit} items are already waiting`);
    this.name = 'QueueFullError';
  }
}

interface Waiting<Item, Result> {
  item: Item;
  size: Size;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** An item may stand for several, such as the events of one webhook. `bytes` is what it takes up in a commit, or about that. */
export interface Size {
  items: number;
  bytes: number;
}

/**
 * Lets items that arrive during a commit share the next one. If no commit is running, the group leaves at the end of the current
 * turn of the event loop, so a single item does not wait for others. `commit` gets items in order of arrival, whose sizes together are
 * at most `most`, or one larger item, and resolves to one result for each. If it rejects, every item of the group rejects with the same
 * error, unless `blamesOneItem` returns true for that error: then each item is committed alone. At most `concurrency` commits run at
 * once. At most `limit` items wait; further ones reject with {@link QueueFullError}. Without `sizeOf`, each item counts as one and has
 * no bytes.
 */
export function createGroupCommit<Item, Result>(options: {
  commit: (items: Item[]) => Promise<Result[]>;
  sizeOf?: (item: Item) => Size;
  most: Size;
  concurrency: number;
  limit: number;
  blamesOneItem?: (error: unknown) => boolean;
}): GroupCommit<Item, Result> {
  const { sizeOf = () => ({ items: 1, bytes: 0 }), most } = options;
  const waiting: Waiting<Item, Result>[] = [];
  let waitingItems = 0;
  let committing = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled || committing >= options.concurrency || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void commitGroup(takeGroup());
      schedule();
    });
  }

  function takeGroup(): Waiting<Item, Result>[] {
    const total: Size = { items: 0, bytes: 0 };
    const end = waiting.findIndex(({ size }, index) => {
      total.items += size.items;
      total.bytes += size.bytes;
      return index > 0 && (total.items > most.items || total.bytes > most.bytes);
    });
    const group = waiting.splice(0, end === -1 ? waiting.length : end);
    for (const { size } of group) waitingItems -= size.items;
    return group;
  }

  async function commitGroup(group: Waiting<Item, Result>[]): Promise<void> {
    committing++;
    await commitOrSplit(group);
    committing--;
    schedule();
  }

  async function commitOrSplit(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.commit(group.map(({ item }) => item));
      group.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error('The commit returned no result for this item'));
        else resolve(result);
      });
    } catch (error) {
      if (group.length > 1 && options.blamesOneItem?.(error) === true) {
        for (const each of group) await commitOrSplit([each]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      const size = sizeOf(item);
      if (waitingItems > 0 && waitingItems + size.items > options.limit) {
        reject(new QueueFullError(options.limit));
        return;
      }
      waiting.push({ item, size, resolve, reject });
      waitingItems += size.items;
      schedule();
    });
}
