import { KaitError } from '../../errors.ts';
import { cutText } from '../../language/well-formed.ts';
import type { Database } from '../../storage/database.ts';
import type { SetActivity } from '../../storage/schema.ts';
import { endangeredBy } from './endangered-runs.ts';
import { changedIds } from './preset-changes.ts';
import {
  factsOf,
  listSets,
  OutdatedSetError,
  type PublishedSet,
  readSet,
  recordSet,
  type SetContent,
} from './published-sets.ts';
import { findRunsUnderWay, type OpenRuns, UnknownRunsError } from './runs-under-way.ts';
import { type SetFiles, setProblems } from './set-files.ts';
import type { Surroundings } from './surroundings.ts';

/** Somebody who sends a set of mistakes has caused them all. */
const longestMessage = 20_000;

export interface PublishRequest {
  /** A new set. */
  files?: SetFiles | undefined;
  /** The project's activities, as the person who publishes has them. */
  activities?: SetActivity[] | undefined;
  /** Or the id of an earlier set, which becomes the newest again. */
  rollback?: number | undefined;
  /** Or files that take the place of those of the newest set, or are added to them. `from` is the set that they were written for. */
  change?: { from: number; files: SetFiles } | undefined;
  /** The set that is replaced: if another one is the newest, nothing is published. 0: there was none. Default: whichever it is. */
  from?: number | undefined;
  author: string;
  note: string;
  /** Whether to publish although runs under way could not go on. */
  force: boolean;
}

export interface PublishAnswer {
  /** False if it is the newest already, or if something speaks against it. */
  published: boolean;
  /** The newest set then. Null: nothing was published. */
  set: PublishedSet | null;
  /** Why runs under way could not go on, or that nobody knows. */
  problems: string[];
}

export interface PublishDeps {
  database: Database;
  openRuns: () => OpenRuns;
  /** Reads a set as this server would serve it. `mistakes`: why it cannot. `missing`: what this server lacks for it, and did not lack before. */
  open: (set: SetContent) => Promise<{ mistakes: string[]; missing: string[]; surroundings: Surroundings }>;
  /** What is served now. */
  current: () => Promise<Surroundings>;
  /** In milliseconds. */
  now: () => number;
}

/**
 * Records a set of definitions if this server could serve it, and if the runs under way can go on with it or `force` is set. Throws
 * KAIT_SET_INVALID with all mistakes: whoever sends a set may have checked nothing. Throws an `OutdatedSetError` if it was made from a set that
 * is not the newest any more.
 */
export async function publishSet(deps: PublishDeps, request: PublishRequest): Promise<PublishAnswer> {
  const { database } = deps;
  const { author, note, force } = request;
  const from = request.change?.from ?? request.from;
  if (from !== undefined) await requireNewest(database, from);
  const content = await contentOf(database, request);
  requireSound(setProblems(content.files));
  const { mistakes, missing, surroundings } = await deps.open(content);
  requireSound(mistakes);
  const problems = [...missing, ...(await problemsOf(deps, surroundings))];
  if (problems.length > 0 && !force) {
    const newest = await readSet(database, 'newest');
    return { published: false, set: newest === null ? null : factsOf(newest), problems };
  }
  const action = request.rollback === undefined ? 'publish' : 'rollback';
  const { set, isNew } = await recordSet(database, { ...content, author, note, action, from });
  return { published: isNew, set, problems };
}

/** Asked before the runs under way are looked at, which takes its time, and once more when the set is recorded. */
async function requireNewest(database: Database, from: number): Promise<void> {
  const [newest] = await listSets(database, { limit: 1 });
  if (from !== (newest?.id ?? 0)) throw new OutdatedSetError(newest);
}

async function contentOf(
  database: Database,
  { files, activities = [], rollback, change }: PublishRequest,
): Promise<SetContent> {
  if (change !== undefined) return changedSet(database, change);
  if (files !== undefined && rollback === undefined) return { files, activities };
  if (rollback === undefined || files !== undefined)
    throw new KaitError('KAIT_USAGE', 'Expected either files or the id of a published set.');
  const earlier = await readSet(database, rollback);
  if (earlier !== null) return { files: earlier.files, activities: earlier.activities };
  throw new KaitError('KAIT_USAGE', `There is no published set ${rollback}. "kait publish --list" shows them.`);
}

/** The newest set with other files. It is still for the activities for which it was made. */
async function changedSet(
  database: Database,
  { from, files }: NonNullable<PublishRequest['change']>,
): Promise<SetContent> {
  const newest = await readSet(database, 'newest');
  if (newest?.id !== from) throw new OutdatedSetError(newest ?? undefined);
  return { files: { ...newest.files, ...files }, activities: newest.activities };
}

function requireSound(mistakes: readonly string[]): void {
  if (mistakes.length === 0) return;
  throw new KaitError('KAIT_SET_INVALID', `Nothing was published. ${cutText(mistakes.join('\n\n'), longestMessage)}`);
}

async function problemsOf(deps: PublishDeps, after: Surroundings): Promise<string[]> {
  const before = await deps.current();
  const found = await findRunsUnderWay(deps.database, deps.openRuns(), deps.now).catch((error: unknown) => {
    if (error instanceof UnknownRunsError) return null;
    throw error;
  });
  if (found === null) return ['Temporal does not answer, so nobody knows which runs are under way.'];
  const problems = [...changedIds(before, after), ...endangeredBy(found.runs, before, after)];
  if (found.incomplete === null) return problems;
  const { seen, open } = found.incomplete;
  const all = open === null ? '' : ` of about ${open}`;
  return [...problems, `Only ${seen}${all} runs under way could be looked at. Nobody knows what the others need.`];
}
