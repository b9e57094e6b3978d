import { inArray } from 'drizzle-orm';
import { type ListedState, standingAttribute, stepAttribute } from '../../language/run-standing.ts';
import type { Database } from '../../storage/database.ts';
import { rescues } from '../../storage/schema.ts';
import { type PagePosition, type PageRequest, withoutPlace } from '../api/cursors.ts';
import { type LookAtRun, lookAtRuns, type RunLook } from '../runs/look-at-run.ts';
import { namesFact } from './event-filter.ts';
import { findRuns, listRuns, type RunFilter, type RunRow } from './list-runs.ts';
import { runOfKey } from './run-of-key.ts';

/** A run with how it stands. */
export interface StandingRun extends Omit<RunRow, 'startedAt' | 'definitionHash'> {
  startedAt: Date;
  /** Null of a child run. */
  definitionHash: string | null;
  /** The run of which this is a step. */
  parent: string | null;
  status: string;
  state: RunLook['state'] | 'retried';
  step: string | null;
  why: string | null;
  /** The run that goes on from this one. */
  retriedAs: string | null;
}

interface FoundRun {
  workflowId: string;
  definition: string;
  parent: string | null;
  /** It is a child run, and no run waits for it. */
  isDetached: boolean;
  startedAt: Date | null;
  closedAt: Date | null;
}

/** Runs as Temporal lists them. */
export interface FoundRuns {
  runs: FoundRun[];
  /** Where the next page begins. Null: this was the last. */
  next: Uint8Array | null;
}

export interface StandingDeps {
  database: Database;
  lookAtRun: LookAtRun;
  /** Lists the runs of the installation that match, the newest first. Rejects if Temporal does not answer. */
  queryRuns: (query: string, page: { size: number; next: Uint8Array | null }) => Promise<FoundRuns>;
  /** Whether runs show what they wait for: the namespace may lack the search attributes. */
  showsState: () => boolean;
}

export interface StandingFilter extends RunFilter {
  state?: ListedState | undefined;
  /** The id of a step, or its key in a loop. */
  step?: string | undefined;
}

export interface StandingPage {
  items: StandingRun[];
  /** Null: there are no more. */
  next: PagePosition | null;
}

/** So many pages are looked through for one answer, so that a rare state among many runs does not take forever. */
const mostPages = 25;
/** How many runs that match otherwise are looked at for one answer. */
const mostLooked = 500;

/**
 * Lists runs by how they stand. Temporal knows that, and the database what they are about. So Temporal is asked for the runs in a state, open child runs
 * included, unless an order or the like already says which few runs are meant. An answer may have fewer runs than the limit, or none, and go on
 * nevertheless.
 */
export async function listStandingRuns(
  deps: StandingDeps,
  request: PageRequest & StandingFilter,
): Promise<StandingPage> {
  const { state, step } = request;
  const isByState = state !== undefined || step !== undefined;
  return isByState && !namesFact(request) && request.source === undefined
    ? listByState(deps, request)
    : listByFacts(deps, request);
}

/** Asks Temporal. A position is its own, since only it knows where it has stopped. */
async function listByState(deps: StandingDeps, request: PageRequest & StandingFilter): Promise<StandingPage> {
  const { after = null, limit } = request;
  const items: StandingRun[] = [];
  let next: Uint8Array | null = after === null ? null : new Uint8Array(Buffer.from(String(after[0]), 'base64'));
  for (let page = 0; page < mostPages && items.length < limit; page += 1) {
    const found = await deps.queryRuns(stateQuery(request, deps.showsState()), { size: limit - items.length, next });
    const rows = await rowsOf(
      deps.database,
      found.runs.filter((run) => isListed(run, request)),
    );
    items.push(...(await withStanding(deps, rows)).filter((run) => isWanted(run, request)));
    next = found.next;
    if (next === null) return { items, next: null };
  }
  return { items, next: next === null ? null : [Buffer.from(next).toString('base64')] };
}

/** Asks the database, and has Temporal say how each of its runs stands. */
async function listByFacts(deps: StandingDeps, request: PageRequest & StandingFilter): Promise<StandingPage> {
  const { after = null, limit, state, step, ...filter } = request;
  const narrows = state !== undefined || step !== undefined;
  const items: StandingRun[] = [];
  let place = after;
  for (let looked = 0; looked < mostLooked || !narrows;) {
    const wanted = limit - items.length;
    // One more, which says whether there are more.
    const found = await listRuns(deps.database, { ...filter, after: place, limit: wanted + 1 });
    const rows = found.slice(0, wanted);
    const standing = await withStanding(deps, rows.map(withoutPlace));
    items.push(...standing.filter((run) => isWanted(run, { state, step })));
    if (found.length <= wanted) return { items, next: null };
    looked += rows.length;
    place = rows.at(-1)?.place ?? null;
    if (items.length >= limit) break;
  }
  return { items, next: place };
}

/** The part of a query to Temporal that says which runs. The values have no quotes. */
function stateQuery({ state, step, definition, since }: StandingFilter, showsState: boolean): string {
  return [
    ...stateTerms(state, showsState),
    // A step that has failed is in the history alone.
    ...(step === undefined || isFailed(state)
      ? []
      : [`(${stepAttribute}="${step}" OR ${stepAttribute} STARTS_WITH "${step}/")`]),
    ...(definition === undefined ? [] : [`WorkflowType="${definition}"`]),
    ...(since === undefined ? [] : [`StartTime >= "${since}"`]),
  ].join(' AND ');
}

const ends = new Map<ListedState, string>([
  ['completed', 'ExecutionStatus="Completed"'],
  ['failed', 'ExecutionStatus IN ("Failed", "TimedOut")'],
  ['retried', 'ExecutionStatus IN ("Failed", "TimedOut")'],
  ['canceled', 'ExecutionStatus="Canceled"'],
  ['terminated', 'ExecutionStatus="Terminated"'],
]);

function stateTerms(state: ListedState | undefined, showsState: boolean): string[] {
  const ended = state === undefined ? undefined : ends.get(state);
  if (ended !== undefined) return [ended];
  if (state === undefined || (state === 'running' && !showsState)) return ['ExecutionStatus="Running"'];
  return [
    'ExecutionStatus="Running"',
    state === 'running' ? `${standingAttribute} IS NULL` : `${standingAttribute}="${state}"`,
  ];
}

function isFailed(state: ListedState | undefined): boolean {
  return state === 'failed' || state === 'retried';
}

/** Whether a filter needs the search attributes that show what runs wait for. */
export function needsStanding({ state, step }: Pick<StandingFilter, 'state' | 'step'>): boolean {
  if (state === undefined) return step !== undefined;
  return state !== 'running' && !ends.has(state);
}

/** How a child run has ended is its parent's matter, unless it is detached. */
function isListed({ parent, isDetached }: FoundRun, { state }: Pick<StandingFilter, 'state'>): boolean {
  return parent === null || isDetached || state === undefined || !ends.has(state);
}

/** What the list is a little late about, the run itself has said. */
function isWanted(run: StandingRun, { state, step }: Pick<StandingFilter, 'state' | 'step'>): boolean {
  const isThere = step === undefined || run.step === step || (run.step?.startsWith(`${step}/`) ?? false);
  return isThere && (state === undefined || run.state === state);
}

type Row = Omit<StandingRun, 'status' | 'state' | 'step' | 'why' | 'retriedAs' | 'startedAt' | 'parent'> & {
  startedAt: Date | null;
  parent?: string | null;
};

/** What runs are about. A child run is about what the run above it is about. Runs that Kait has not recorded are left out. */
async function rowsOf(database: Database, found: FoundRuns['runs']): Promise<Row[]> {
  const ids = found.flatMap(({ workflowId }) => [workflowId, runOfKey(workflowId)]);
  const known = new Map((await findRuns(database, [...new Set(ids)])).map((row) => [row.workflowId, row]));
  return found.flatMap(({ workflowId, definition, parent }): Row[] => {
    const own = known.get(workflowId);
    if (own !== undefined) return [{ ...own, parent }];
    const above = known.get(runOfKey(workflowId));
    return above === undefined ? [] : [{ ...above, workflowId, definition, parent, definitionHash: null }];
  });
}

/** Adds how each stands, in their order. */
async function withStanding(
  { database, lookAtRun }: Pick<StandingDeps, 'database' | 'lookAtRun'>,
  rows: readonly Row[],
): Promise<StandingRun[]> {
  const ids = rows.map(({ workflowId }) => workflowId);
  const [looks, successors] = await Promise.all([lookAtRuns(lookAtRun, ids), successorsOf(database, ids)]);
  return rows.map(({ startedAt, parent = null, ...row }, index): StandingRun => {
    const look = looks[index] ?? { status: 'Unknown', state: 'unknown', step: null, why: null, startedAt: null };
    const { status, state, step, why } = look;
    const retriedAs = successors.get(row.workflowId) ?? null;
    const isOwn = row.definitionHash !== null;
    const began = isOwn ? (startedAt ?? look.startedAt) : (look.startedAt ?? startedAt);
    if (began === null) throw new TypeError('A run was listed that has not started');
    const shown = state === 'failed' && retriedAs !== null ? 'retried' : state;
    return { ...row, startedAt: began, parent, status, state: shown, step, why, retriedAs };
  });
}

/** The runs that go on from others, by the ids of these. */
export async function successorsOf({ orm }: Database, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .select({ of: rescues.retryOf, run: rescues.workflowId, state: rescues.state })
    .from(rescues)
    .where(inArray(rescues.retryOf, [...ids]));
  return new Map(rows.filter(({ state }) => state !== 'refused').map(({ of, run }) => [of, run]));
}
