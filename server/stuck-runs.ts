import { standingAttribute } from '../language/run-standing.ts';
import type { Database } from '../storage/database.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import { type FoundRuns, type StandingDeps, successorsOf } from './search/runs-in-state.ts';
import type { Pile } from './stuck.ts';

/** Null: Temporal did not say, or has no such attribute. */
export interface StuckRuns {
  /** Runs under way; `oldest` is when the oldest of them was started. Null: it is not asked for, or nobody knows. */
  running: Pile | null;
  waiting: Pile | null;
  approval: Pile | null;
  parked: Pile | null;
  paused: Pile | null;
  undoing: Pile | null;
  /** Runs that have failed in the last seven days and were not retried since; `oldest` is when the first of them failed. Without child runs that a run waits for. */
  failed: Pile | null;
}

/** While nobody knows. */
export const unknownRuns: StuckRuns = {
  ...{ running: null, waiting: null, approval: null, parked: null, paused: null, undoing: null, failed: null },
};

export interface StuckRunsDeps extends Pick<StandingDeps, 'queryRuns' | 'showsState'> {
  database: Database;
  /** Counts the runs of the installation that match a query. */
  countRuns: (query: string) => Promise<number>;
  now: () => Date;
}

const askMs = 3_000;
const failedDays = 7;
const dayMs = 24 * 60 * 60 * 1_000;
const pageSize = 100;
/** Failed runs beyond these are counted as if none of them had been retried. */
const mostFailed = 2_000;
/** No run lasts longer. */
const longestDays = 400;
/** Each halves the time in which the oldest may have been started. */
const mostHalvings = 12;

/** Counts the installation's runs by how they stand, child runs included, with the oldest of each. Never rejects. */
export async function countStuckRuns(deps: StuckRunsDeps): Promise<StuckRuns> {
  const standing = (state: string) =>
    deps.showsState()
      ? orUnknown(pileOf(deps, `ExecutionStatus="Running" AND ${standingAttribute}="${state}"`))
      : Promise.resolve(null);
  const [running, waiting, approval, parked, paused, undoing, failed] = await Promise.all([
    orUnknown(deps.countRuns('ExecutionStatus="Running"').then((count) => ({ count, oldest: null }))),
    standing('waiting'),
    standing('approval'),
    standing('parked'),
    standing('paused'),
    standing('undoing'),
    orUnknown(countFailed(deps)),
  ]);
  return { running, waiting, approval, parked, paused, undoing, failed };
}

async function orUnknown(asked: Promise<Pile>): Promise<Pile | null> {
  try {
    return await withDeadline(asked, askMs, 'Temporal');
  } catch {
    return null; // Unreachable, too slow, or without the right to ask.
  }
}

async function pileOf(deps: StuckRunsDeps, query: string): Promise<Pile> {
  const count = await deps.countRuns(query);
  return { count, oldest: count === 0 ? null : await oldestOf(deps, query) };
}

/**
 * When the oldest run was started. Temporal lists the newest first and sorts no other way on SQL databases, so of more than a page, the time in which
 * it may have been started is halved. Of very many that were started within hours of each other, it is as exact as that.
 */
async function oldestOf({ queryRuns, now }: StuckRunsDeps, query: string): Promise<string | null> {
  let [from, to] = [now().getTime() - longestDays * dayMs, now().getTime()];
  let found = await queryRuns(query, { size: pageSize, next: null });
  for (let halving = 0; halving < mostHalvings && found.next !== null; halving += 1) {
    to = Math.min(to, lastStart(found)?.getTime() ?? to);
    const half = Math.trunc((from + to) / 2);
    const older = `${query} AND StartTime <= "${new Date(half).toISOString()}"`;
    const before = await queryRuns(older, { size: pageSize, next: null });
    if (before.runs.length === 0) from = half;
    else [to, found] = [half, before];
  }
  return lastStart(found)?.toISOString() ?? null;
}

function lastStart({ runs }: FoundRuns): Date | null {
  return runs.at(-1)?.startedAt ?? null;
}

async function countFailed({ database, queryRuns, countRuns, now }: StuckRunsDeps): Promise<Pile> {
  const since = new Date(now().getTime() - failedDays * dayMs).toISOString();
  const query = `ExecutionStatus IN ("Failed", "TimedOut") AND CloseTime > "${since}"`;
  let next: Uint8Array | null = null;
  const pile: Pile = { count: 0, oldest: null };
  let looked = 0;
  do {
    const found: FoundRuns = await queryRuns(query, { size: pageSize * 5, next });
    // The failure of a child run is its parent's, too, unless it is detached.
    const failed = found.runs.filter(({ parent, isDetached }) => parent === null || isDetached);
    const retried = await successorsOf(
      database,
      failed.map(({ workflowId }) => workflowId),
    );
    const left = failed.filter(({ workflowId }) => !retried.has(workflowId));
    pile.count += left.length;
    const oldest = Math.min(
      ...[pile.oldest, ...left.map(({ closedAt }) => closedAt)].flatMap((at) =>
        at === null ? [] : [new Date(at).getTime()],
      ),
    );
    pile.oldest = oldest === Infinity ? null : new Date(oldest).toISOString();
    looked += found.runs.length;
    next = found.next;
  } while (next !== null && looked < mostFailed);
  if (next === null) return pile;
  return { count: pile.count + Math.max(0, (await countRuns(query)) - looked), oldest: null };
}
