import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { cutText } from '../../language/well-formed.ts';
import {
  activateNewest,
  forgetProcess,
  type ProcessReport,
  type PublishedState,
  readState,
  reportProcess,
} from '../../server/publish/processes.ts';
import { factsOf, type PublishedSet, readSet } from '../../server/publish/published-sets.ts';
import type { Database } from '../../storage/database.ts';
import type { SetActivity } from '../../storage/schema.ts';
import type { LoadedActivities } from '../activities/open-activities.ts';
import { mistakesIn } from '../publish/check-set.ts';
import { type ProcessKind, readSetFiles, serveFolder, servedFolder, writeSet } from '../publish/published-folder.ts';
import { compareActivities, isOther } from '../publish/set-activities.ts';
import { version } from '../version.ts';

/** The set of definitions that this process serves. */
export interface Published {
  /** Of this process in its reports. */
  id: string;
  /** With the folder that holds it. */
  config: Config;
  /** What `kait status` shows. */
  describe(): { from: 'files' | 'published'; set: PublishedSet | null; problem: string | null };
  /** Whether the set that is served, or the newest, was made for another activity of this name than this process has, or lacks. */
  isOtherActivity(name: string): boolean;
  /** From now on, reports this process, looks for newer sets, and has them served by `reload`. */
  follow(reload: () => Promise<void>): void;
  stop(): Promise<void>;
}

interface Deps {
  config: Config;
  database: Database;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  kind: ProcessKind;
  /** What this process can run. */
  activities: Pick<LoadedActivities, 'catalogue'>;
  described: readonly SetActivity[];
}

const lookEveryMs = 1_000;
/** A set may have thousands of mistakes, and every process reports its problem every second. */
const longestProblem = 4_000;

/** A set that this process has read. */
interface Prepared {
  set: PublishedSet;
  activities: readonly SetActivity[];
  folder: string;
  /** Why it cannot be served here. */
  problem: string | null;
  notes: string[];
}

/**
 * Takes the definitions from what `kait publish` has recorded, if the configuration says so. Until something is published, the folder
 * counts. All processes serve a new set together: each reads and checks it first and reports that it could serve it; once all could, a
 * server makes it active; then the workers serve it, and after them the servers. See `server/publish/processes.ts`.
 */
export async function openPublished(deps: Deps): Promise<Published> {
  const { config, database, log, kind } = deps;
  const follows = config.definitionsFrom;
  let served: PublishedSet | null = null;
  let servedFrom: string | null = null;
  let servedActivities: readonly SetActivity[] = [];
  let servedSince = new Date();
  let prepared: Prepared | null = null;
  /** Why the last attempt to read or serve a set has failed. */
  let failure: string | null = null;

  if (follows === 'published') {
    const active = await readSet(database, 'active');
    const set = active ?? { id: 0, hash: '0'.repeat(64), files: await readSetFiles(config.definitions) };
    servedFrom = await writeSet(config.home, kind, set);
    await serveFolder(config.home, kind, servedFrom);
    served = active === null ? null : factsOf(active);
    servedActivities = active?.activities ?? [];
  }

  const id = randomUUID();
  const report = (): ProcessReport => ({
    ...{ id, kind, name: `${hostname()}:${process.pid}`, version, follows },
    ...{ serves: served?.id ?? null, servesSince: servedSince },
    ready: prepared?.problem === null ? prepared.set.id : null,
    problem: follows === 'files' && kind === 'worker' ? ownFolder : (failure ?? prepared?.problem ?? null),
    notes: prepared?.notes ?? [],
  });

  async function prepare(newest: number): Promise<void> {
    const set = await readSet(database, newest);
    if (set === null) return;
    const folder = await writeSet(config.home, kind, set);
    const mistakes = await mistakesIn(folder, { activities: deps.activities.catalogue.callable, kind });
    const { problems, notes } = compareActivities(set, deps.described);
    const all = [...mistakes, ...problems];
    const problem = all.length === 0 ? null : cutText(all.join('\n\n'), longestProblem);
    prepared = {
      set: factsOf(set),
      activities: set.activities,
      folder,
      problem,
      notes,
    };
    const fields = { set: set.id, ...(notes.length > 0 && { notes }) };
    if (problem !== null) log.error({ ...fields, problem }, 'a published set cannot be served by this process');
    else if (notes.length > 0) log.warn(fields, 'the activities of this process are not those of the published set');
  }

  async function take(active: number, reload: () => Promise<void>): Promise<void> {
    const set = await readSet(database, active);
    if (set === null) return;
    const before = servedFrom;
    servedFrom = prepared?.set.id === active ? prepared.folder : await writeSet(config.home, kind, set);
    await serveFolder(config.home, kind, servedFrom);
    try {
      await reload();
    } catch (error) {
      if (before !== null) await serveFolder(config.home, kind, before);
      servedFrom = before;
      throw error;
    }
    served = factsOf(set);
    servedActivities = set.activities;
    servedSince = new Date();
    log.info({ set: set.id, hash: set.hash, author: set.author }, 'a published set is served');
  }

  async function look(reload: () => Promise<void>): Promise<void> {
    try {
      if (follows === 'published') await followTurn(reload);
      failure = null;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (failure !== problem)
        log.error({ err: error }, 'a published set cannot be served; the one before it still is');
      failure = problem; // It is tried again.
    }
    await reportProcess(database, report()).catch(() => undefined); // Next time.
  }

  async function followTurn(reload: () => Promise<void>): Promise<void> {
    const { newest } = await readState(database);
    if (newest !== null && newest !== prepared?.set.id) await prepare(newest);
    await reportProcess(database, report());
    if (kind === 'server') await activateNewest(database);
    const state = await readState(database);
    if (mayTake(state)) await take(state.active, reload);
  }

  /** Workers first: a run of the new set must find a worker that has what the set says. */
  function mayTake(state: PublishedState): state is PublishedState & { active: number } {
    const isNew = state.active !== null && state.active !== served?.id;
    return isNew && (kind === 'worker' || state.workersServe);
  }

  const stopping = new AbortController();
  let following = Promise.resolve();
  async function keepLooking(reload: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      await look(reload);
      await sleep(lookEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    id,
    config: follows === 'files' ? config : { ...config, definitions: servedFolder(config.home, kind) },
    describe: () => ({ from: follows, set: served, problem: failure ?? prepared?.problem ?? null }),
    isOtherActivity: (name) => isOther(name, [...servedActivities, ...(prepared?.activities ?? [])], deps.described),
    follow(reload) {
      following = keepLooking(reload);
    },
    async stop() {
      stopping.abort();
      await following;
      await forgetProcess(database, id).catch(() => undefined);
    },
  };
}

const ownFolder = 'It takes the definitions from its own folder: KAIT_DEFINITIONS_FROM=files.';
