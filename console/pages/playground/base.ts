import { api, answerOf } from '../../app/api.ts';
import { may } from '../../app/session.ts';

/** Where a draft may be published to, or why it may not. */
export type Base =
  /** The server serves its own folder. */
  | { kind: 'folder' }
  /** The viewer is no admin. */
  | { kind: 'role' }
  /** Nothing was published yet. */
  | { kind: 'nothing' }
  /** The newest set. `waits`: why it is not served yet; null: it is. */
  | { kind: 'set'; set: number; files: Readonly<Record<string, string>>; waits: string | null };

/** Asks where a draft may be published to. */
export async function loadBase(signal: AbortSignal): Promise<Base> {
  const { definitionsFrom } = await answerOf(api.GET('/status', { signal }));
  if (definitionsFrom.from === 'files') return { kind: 'folder' };
  if (!may('admin')) return { kind: 'role' };
  const { items } = await answerOf(api.GET('/published', { signal, params: { query: { limit: 1 } } }));
  const [newest] = items;
  if (newest === undefined) return { kind: 'nothing' };
  const { id: set } = newest;
  const { files } = await answerOf(api.GET('/published/{set}', { signal, params: { path: { set } } }));
  return { kind: 'set', set, files, waits: definitionsFrom.waits };
}
