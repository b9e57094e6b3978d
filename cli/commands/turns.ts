import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import { table } from '../terminal.ts';
import { whoAmI } from '../who-am-i.ts';

/** `kait turns`: which runs have a key for which others wait, or with `all` every key that is taken. */
export async function showTurns(
  api: ApiClient,
  { limit, all = false, definition }: { limit: number; all?: boolean; definition?: string },
): Promise<string> {
  const query = { limit, all, ...(definition && { definition }) };
  const { items: keys } = await answerOf(api.GET('/turns', { params: { query } }));
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
  api: ApiClient,
  definition: string,
  key: string,
  { reason }: { reason: string },
): Promise<string> {
  const body = { definition, key, reason, by: whoAmI() };
  const { workflowId } = await answerOf(api.POST('/turns/free', { body }));
  if (workflowId === null) return `No run of ${printable(definition)} has the key ${printable(key)}.`;
  return `${workflowId} no longer has the key. The next run of it goes on, even if that one is still open.`;
}
