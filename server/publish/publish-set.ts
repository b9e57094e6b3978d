import { KaitError } from '../../errors.ts';
import type { Database } from '../../storage/database.ts';
import { endangeredBy, type RunsUnderWay } from './endangered-runs.ts';
import { type PublishedSet, readSet, recordSet, type SetFiles } from './published-sets.ts';

export interface PublishRequest {
  /** A new set. */
  files?: SetFiles | undefined;
  /** Or the id of an earlier one, which becomes the newest again. */
  rollback?: number | undefined;
  author: string;
  note: string;
  /** Whether to publish although runs under way will fail. */
  force: boolean;
}

export interface PublishAnswer {
  /** False if it is served already, or if something speaks against it. */
  published: boolean;
  /** What is served then. Null: nothing was published. */
  set: PublishedSet | null;
  /** Why runs under way will fail, or that nobody knows. */
  problems: string[];
}

export interface PublishDeps {
  database: Database;
  /** The workflow ids of the installation's runs under way. Rejects if Temporal is not reachable. */
  runsUnderWay: () => Promise<string[]>;
  isCallable: (activity: string) => boolean;
  /** Mail templates that come with Kait. */
  mails: () => Promise<readonly string[]>;
}

/** Records a set of definitions if the runs under way can go on with it, or by force. Servers and workers that follow pick it up. */
export async function publishSet(deps: PublishDeps, request: PublishRequest): Promise<PublishAnswer> {
  const { database } = deps;
  const { author, note, force } = request;
  const files = await filesOf(database, request);
  const problems = await problemsOf(deps, files);
  if (problems.length > 0 && !force) return { published: false, set: await readFacts(database), problems };
  const action = request.rollback === undefined ? 'publish' : 'rollback';
  const { set, isNew } = await recordSet(database, { files, author, note, action });
  return { published: isNew, set, problems };
}

async function filesOf(database: Database, { files, rollback }: PublishRequest): Promise<SetFiles> {
  if (files !== undefined && rollback === undefined) return files;
  if (rollback === undefined) throw new KaitError('KAIT_USAGE', 'Expected either files or the id of a published set.');
  const earlier = await readSet(database, rollback);
  if (earlier !== null) return earlier.files;
  throw new KaitError('KAIT_USAGE', `There is no published set ${rollback}. "kait publish --list" shows them.`);
}

async function readFacts(database: Database): Promise<PublishedSet | null> {
  const latest = await readSet(database);
  if (latest === null) return null;
  const { id, hash, author, note, publishedAt } = latest;
  return { id, hash, author, note, publishedAt };
}

async function problemsOf(deps: PublishDeps, files: SetFiles): Promise<string[]> {
  const ids = await deps.runsUnderWay().catch(() => null);
  if (ids === null) return ['Temporal does not answer, so nobody knows which runs are under way.'];
  const runs = await deps.database.run<RunsUnderWay>('runs-under-way', underWaySql, [JSON.stringify(ids)]);
  return endangeredBy(files, runs, { isCallable: deps.isCallable, mails: await deps.mails() });
}

const underWaySql = `
  select name, source, json as definition, count::float8 as count
  from (
    select runs.definition_hash as hash, events.source, count(*) as count
    from runs join events on events.id = runs.event
    where workflow_id in (select value from json_array_elements_text($1::json))
    group by runs.definition_hash, events.source
  ) as versions join definitions on definitions.hash = versions.hash
  order by name, source`;
