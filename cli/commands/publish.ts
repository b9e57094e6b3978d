import pc from 'picocolors';
import { KaitError } from '../../errors.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import type { SetActivity } from '../../storage/schema.ts';
import { readSetFiles } from '../publish/published-folder.ts';
import { table } from '../terminal.ts';

export interface PublishOptions {
  note?: string;
  list?: boolean;
  rollback?: number;
  from?: number;
  force?: boolean;
}

/** The server looks at the runs under way for up to a minute. */
export const publishAnswerMs = 120_000;

/**
 * `kait publish`: records the definitions folder in the database of a running Kait, whose servers and workers serve it then. `check` rejects
 * if the folder has a mistake. With `from`, it replaces only that set. Throws KAIT_PUBLISH_REFUSED if runs under way could not go on.
 */
export async function publish(
  deps: {
    api: ApiClient;
    folder: string;
    check: () => Promise<unknown>;
    /** Describes the project's activities. */
    activities: () => Promise<SetActivity[]>;
    author: string;
  },
  { note, list, rollback, from, force = false }: PublishOptions,
): Promise<string> {
  const { api, folder, check, author } = deps;
  if (list === true) return listOf((await answerOf(api.GET('/published', { params: { query: { limit: 50 } } }))).items);
  if (note === undefined)
    throw new KaitError('KAIT_USAGE', 'Say what changes and why: --note "…". It is kept with the set.');
  if (rollback === undefined) await check();
  const what =
    rollback === undefined ? { files: await readSetFiles(folder), activities: await deps.activities() } : { rollback };
  const body = { ...what, ...(from !== undefined && { from }), by: author, note, force };
  const { published, set, problems } = await answerOf(api.POST('/published', { body }));
  if (!published && problems.length > 0) {
    throw new KaitError(
      'KAIT_PUBLISH_REFUSED',
      `Nothing was published.\n${problems.map((each) => `  ${each}`).join('\n')}\nWait until they have ended, keep what they need, or publish with --force.`,
    );
  }
  const name = `set ${set?.id ?? ''} (${set?.hash.slice(0, 12) ?? ''})`;
  if (!published) return `${name} is the newest and holds the same.`;
  const warnings = problems.map((each) => `${pc.yellow('!')} ${each}\n`).join('');
  return `${warnings}Published ${name}. Servers and workers with KAIT_DEFINITIONS_FROM=published serve it within seconds, once all of them can. "kait status" says what it waits for.`;
}

function listOf(sets: components['schemas']['PublishedSet'][]): string {
  if (sets.length === 0) return 'Nothing was published.';
  return table(
    ['set', 'published', 'served from', 'by', 'hash', 'note'],
    sets.map(({ id, hash, author, note, publishedAt, activeAt }) => {
      return [id, publishedAt, activeAt ?? '-', author, hash.slice(0, 12), note];
    }),
  );
}
