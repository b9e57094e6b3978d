/** A worker may have to replay each run, and the answer must come in time. */
const pageSize = 10;

interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** Asks for one page after the other, up to `limit` runs. `isAll`: there are no more. */
export async function answersOfPages<Item>(
  limit: number,
  ask: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<{ items: Item[]; isAll: boolean }> {
  const items: Item[] = [];
  let cursor: string | null = null;
  let left = limit;
  do {
    const page: Page<Item> = await ask({ limit: Math.min(left, pageSize), ...(cursor !== null && { cursor }) });
    items.push(...page.items);
    left -= pageSize;
    cursor = page.next;
  } while (cursor !== null && left > 0);
  return { items, isAll: cursor === null };
}
