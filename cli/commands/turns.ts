import { z } from 'zod';
import { printable } from '../../language/printable.ts';
import type { AdminClient } from '../admin-client.ts';
import { table } from '../terminal.ts';
import { whoAmI } from '../who-am-i.ts';

const listed = z.object({
  definition: z.string(),
  key: z.string(),
  workflowId: z.string(),
  state: z.string(),
  since: z.string(),
  waiting: z.number(),
});

/** `kait turns`: which runs have a key for which others wait, or with `all` every key that is taken. */
export async function showTurns(
  admin: AdminClient,
  { limit, all = false, definition }: { limit: number; all?: boolean; definition?: string },
): Promise<string> {
  const query = new URLSearchParams({ limit: String(limit), all: String(all), ...(definition && { definition }) });
  const { items: keys } = z
    .object({ items: z.array(listed) })
    .parse(await admin.get(`/api/v1/turns?${query.toString()}`));
  if (keys.length === 0) return all ? 'No run has a key.' : 'No run waits for a key.';
  return table(
    ['definition', 'key', 'state', 'since', 'waiting', 'run'],
    keys.map(({ definition: name, key, state, since, waiting, workflowId }) => {
      return [name, printable(key), state, since, waiting === 1_000 ? '1,000 or more' : String(waiting), workflowId];
    }),
  );
}

/** `kait turns free`: lets the next run go on although another has the key. */
export async function freeTurn(
  admin: AdminClient,
  definition: string,
  key: string,
  { reason }: { reason: string },
): Promise<string> {
  const answer = await admin.post('/api/v1/turns/free', { definition, key, reason, by: whoAmI() });
  const { workflowId } = z.object({ workflowId: z.string().nullable() }).parse(answer);
  if (workflowId === null) return `No run of ${printable(definition)} has the key ${printable(key)}.`;
  return `${workflowId} no longer has the key. The next run of it goes on, even if that one is still open.`;
}
