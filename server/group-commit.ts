/** Adds one item to the next group; settles when that group is committed. */
export type GroupCommit<Item, Result> = (item: Item) => Promise<Result>;

/** The queue is full; nothing was done with the item. */
export class QueueFullError extends Error {
  constructor(limit: number) {
    super(`${limit} items are waiting already`);
    this.name = 'QueueFullError';
  }
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Lets items that arrive while a commit is under way share the next one. An idle group leaves at the end of the current turn of
 * the event loop, so a lone item waits for nobody. `commit` gets up to `size` items in the order of their arrival and
 * resolves to one result each; when it rejects, all items of its group reject with the same error, unless `blamesOneItem`
 * says that one of them spoils the group: then each is committed alone. At most `concurrency` commits run at once, and at
 * most `limit` items wait: past that the item rejects with {@link QueueFullError}.
 */
export function createGroupCommit<Item, Result>(options: {
  commit: (items: Item[]) => Promise<Result[]>;
  size: number;
  concurrency: number;
  limit: number;
  blamesOneItem?: (error: unknown) => boolean;
}): GroupCommit<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let committing = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled || committing >= options.concurrency || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void commitGroup(waiting.splice(0, options.size));
      schedule();
    });
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
        if (result === undefined) reject(new Error('The commit gave no result for this item'));
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
      if (waiting.length >= options.limit) {
        reject(new QueueFullError(options.limit));
        return;
      }
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
