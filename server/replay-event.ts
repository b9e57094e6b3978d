import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import type { Database, Queries } from '../storage/database.ts';
import { bodies, events, runs, turns } from '../storage/schema.ts';
import { triggerTypes } from '../language/triggers.ts';
import { isAwaited } from './awaited-events.ts';
import { isRunOf } from './former-names.ts';
import type { ServedDefinitions } from './serve-definitions.ts';

export interface ReplayDeps {
  database: Database;
  served: Pick<ServedDefinitions, 'definitions' | 'awaited'>;
}

export interface EventKey {
  source: string;
  eventId: string;
}

/** Why an event cannot be offered to the definitions now. */
export type NotOffered =
  /** There is no such event. */
  | 'unknown'
  | 'unreadable'
  /** It is pending or waiting, or a run of it is queued. */
  | 'under-way'
  /** It was stored again under another id. */
  | 'stored-again'
  /** Its body is no longer kept. */
  | 'no-body';

export interface Replayed {
  replayed: boolean;
  /** Why not. `has-runs`: every definition that wants its type has a run for it. */
  why: NotOffered | 'has-runs' | null;
  /** The workflow ids of its runs. None of them is started again. */
  runs: string[];
  /** Those of them that may never have been started. */
  inDoubt: string[];
  /** The definitions to which it is offered, because they want its type and have no run for it. */
  offeredTo: string[];
}

/**
 * Offers an event to the definitions again. Only those start a run that have none for it, whatever Temporal remembers; if all have one, the
 * event stays as it is, so that one whose run is in doubt goes on to say so. A test event that its source ignores is ignored again.
 */
export async function replayEvent({ database, served }: ReplayDeps, key: EventKey): Promise<Replayed> {
  const found = await findFinished(database.orm, key);
  if (typeof found === 'string') return { replayed: false, why: found, runs: [], inDoubt: [], offeredTo: [] };
  const known = await runsOf(database.orm, found.id);
  const ids = known.map(({ workflowId }) => workflowId);
  const offeredTo = served.definitions.filter((each) => wants(each, found) && !known.some((run) => isRunOf(each, run)));
  const inDoubt = known.flatMap((run) => (run.inDoubt ? [run.workflowId] : []));
  const result = { runs: ids, inDoubt, offeredTo: offeredTo.map(({ definition }) => definition.name) };
  const isSettled =
    (found.state === 'dispatched' || inDoubt.length > 0) && known.every(({ startedAt }) => startedAt !== null);
  if (isSettled && ids.length > 0 && offeredTo.length === 0 && !isAwaited(served.awaited, found)) {
    return { replayed: false, why: 'has-runs', ...result };
  }
  const offered = await offerAgain(database.orm, found.id);
  return { replayed: offered, why: offered ? null : 'under-way', ...result };
}

const finished = ['failed', 'ignored', 'dispatched'] as const;

/** An event that nobody is working on, and that can be dispatched. */
export interface FinishedEvent {
  id: number;
  type: string;
  nativeType: string;
  state: (typeof finished)[number];
}

/** Finds an event to offer again, or why it cannot be. */
export async function findFinished(orm: Queries, { source, eventId }: EventKey): Promise<FinishedEvent | NotOffered> {
  const [row] = await orm
    .select({
      ...{ id: events.id, type: events.type, nativeType: events.nativeType, state: events.state },
      ...{ rereadAs: events.rereadAs, body: bodies.id },
    })
    .from(events)
    .leftJoin(bodies, eq(bodies.id, events.bodyId))
    .where(and(eq(events.source, source), eq(events.eventId, eventId)));
  if (row === undefined) return 'unknown';
  const { state, rereadAs, body, ...event } = row;
  if (state === 'unreadable') return 'unreadable';
  if (state === 'pending' || state === 'waiting' || state === 'queued') return 'under-way';
  if (rereadAs !== null) return 'stored-again';
  return body === null ? 'no-body' : { ...event, state };
}

/** All runs of an event, in order of their ids. */
export function runsOf(orm: Queries, event: number) {
  return orm
    .select({
      ...{ workflowId: runs.workflowId, definition: runs.definition },
      ...{ startedAt: runs.startedAt, inDoubt: runs.inDoubt },
    })
    .from(runs)
    .where(eq(runs.event, event))
    .orderBy(asc(runs.workflowId));
}

/** Makes an event pending, unless somebody has changed it meanwhile. The row stays locked until the transaction ends. */
export async function offerAgain(orm: Queries, event: number): Promise<boolean> {
  const changed = await orm
    .update(events)
    .set({ state: 'pending', attempts: 0, claimedUntil: null, lastError: null })
    .where(and(eq(events.id, event), inArray(events.state, finished), isNull(events.rereadAs)))
    .returning({ id: events.id });
  // What has passed it over may be different now.
  const passed = inArray(turns.state, ['skipped', 'merged']);
  if (changed.length > 0) await orm.delete(turns).where(and(eq(turns.event, event), passed));
  return changed.length > 0;
}

function wants(
  { definition: { on } }: ReplayDeps['served']['definitions'][number],
  { type, nativeType }: FinishedEvent,
): boolean {
  return triggerTypes(on).some((each) => each === type || each === nativeType);
}
