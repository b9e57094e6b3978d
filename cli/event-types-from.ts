import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { KaitError } from '../errors.ts';
import { readEventType } from '../language/check/event-type-file.ts';
import type { EventType } from '../language/event-types.ts';
import { formatFindings } from '../language/finding.ts';
import { packagePath } from '../package-path.ts';
import { readEventTypes } from '../server/read-event-types.ts';
import { answerOf, type ApiClient } from './api-client.ts';

/** Event types as far as receivers see them, by name. */
export type ReceivedTypes = Map<string, Pick<EventType, 'published' | 'deprecated'>>;

const run = promisify(execFile);
const mostBytes = 8 * 2 ** 20;

/**
 * The event types of a place: a definitions folder; `served`, what the running Kait serves; `published:<id>`, a set that was published; or
 * anything that git takes for a commit. Throws KAIT_USAGE if there is nothing of it, KAIT_DEFINITIONS_INVALID if a file has a mistake.
 */
export async function eventTypesFrom(
  place: string,
  { definitions, api }: { definitions: string; api: () => Promise<ApiClient> },
): Promise<ReceivedTypes> {
  if (place === 'served') return fromKait(await api(), {});
  const set = /^published:(\d{1,9})$/.exec(place)?.[1];
  if (set !== undefined) return fromKait(await api(), { set: Number(set) });
  return existsSync(place) ? fromFolder(place) : fromGit(place, definitions);
}

async function fromKait(api: ApiClient, query: { set?: number }): Promise<ReceivedTypes> {
  const { items } = await answerOf(api.GET('/event-types', { params: { query } }));
  return new Map(
    items.map(({ type, schema, deprecated }) => [
      type,
      { published: schema as EventType['published'], deprecated: deprecated ?? undefined },
    ]),
  );
}

async function fromFolder(folder: string): Promise<ReceivedTypes> {
  const { eventTypes, faulty } = await readEventTypes(folder);
  if (faulty.size > 0) throw new KaitError('KAIT_DEFINITIONS_INVALID', [...faulty.values()].join('\n\n'));
  return new Map(eventTypes.byName);
}

/** What the folder held in a commit. The types of Kait itself are today's. */
async function fromGit(commit: string, definitions: string): Promise<ReceivedTypes> {
  const root = (await git(definitions, ['rev-parse', '--show-toplevel'], commit)).trim();
  const inside = relative(root, resolve(definitions)).split(sep).join('/');
  const folder = `${inside === '' ? '' : `${inside}/`}event-types`;
  const resolved = (
    await git(root, ['rev-parse', '--verify', '--end-of-options', `${commit}^{commit}`], commit)
  ).trim();
  const listed = await git(root, ['ls-tree', '-z', '--name-only', resolved, '--', `${folder}/`], commit);
  const files = listed.split('\0').filter((file) => /\/(?!\.)[^/]+\.json$/.test(file));
  const types: ReceivedTypes = new Map((await readEventTypes(packagePath('definitions'))).eventTypes.byName);
  for (const file of files) {
    const text = await git(root, ['cat-file', 'blob', `${resolved}:${file}`], commit);
    const name = file.slice(folder.length + 1, -'.json'.length);
    const { eventType, findings } = readEventType({ file: `${commit}:${file}`, text }, name);
    if (eventType === null) {
      const problem = formatFindings({ file: `${commit}:${file}`, text, findings });
      throw new KaitError('KAIT_DEFINITIONS_INVALID', problem);
    }
    types.set(name, eventType);
  }
  return types;
}

async function git(folder: string, args: string[], commit: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', folder, ...args], { maxBuffer: mostBytes, timeout: 30_000 });
    return stdout;
  } catch (error) {
    const message = `"${commit}" is no folder, and git has no commit of that name here. Give a definitions folder, a commit, served, or published:<set>.`;
    throw new KaitError('KAIT_USAGE', message, { cause: error });
  }
}
