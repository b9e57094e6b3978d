import { setTimeout as pause } from 'node:timers/promises';
import { and, eq } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { audit, events, type EventState } from '../storage/schema.ts';
import type { FindMissing, MissingAnswer, MissingKey } from './find-missing.ts';
import { runsOf } from './replay-event.ts';

export interface FetchMissingDeps {
  database: Database;
  find: FindMissing;
  /** Has what was stored dispatched now. */
  wakeDispatcher: () => void;
}

export interface FetchedMissing {
  kind: MissingAnswer['kind'];
  /** Why nothing is known; null if the gateway has answered. */
  reason: string | null;
  events: FetchedEvent[];
}

export interface FetchedEvent {
  eventId: string;
  type: string;
  /** False: Kait had it already. */
  stored: boolean;
  /** What has become of it by now. */
  state: EventState;
  /** Why it is in that state, if it started nothing. */
  why: string | null;
  /** The workflow ids of its runs. */
  runs: string[];
}

/** Dispatching takes milliseconds, unless Temporal is slow. Then the answer says that the event is pending. */
const settleMs = 3_000;
const lookEveryMs = 100;

/** Asks a gateway for what has not arrived, for an operator, and says what has become of it. The audit names who asked. */
export async function fetchMissing(
  deps: FetchMissingDeps,
  key: MissingKey,
  { actor, reason }: { actor: string; reason: string },
): Promise<FetchedMissing> {
  const target = `${key.source}/${key.id}`;
  await deps.database.orm.insert(audit).values({ actor, action: 'fetch', target, reason });
  const answer = await deps.find(key);
  if (answer.kind !== 'found')
    return { kind: answer.kind, reason: 'reason' in answer ? answer.reason : null, events: [] };
  deps.wakeDispatcher();
  const found = await Promise.all(
    answer.events.map(async (each) => ({ ...each, ...(await becameOf(deps.database, key.source, each.eventId)) })),
  );
  return { kind: 'found', reason: null, events: found };
}

async function becameOf(
  { orm }: Database,
  source: string,
  eventId: string,
): Promise<Pick<FetchedEvent, 'state' | 'why' | 'runs'>> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const [row] = await orm
      .select({ id: events.id, state: events.state, why: events.lastError })
      .from(events)
      .where(and(eq(events.source, source), eq(events.eventId, eventId)));
    if (row === undefined) throw new Error(`${source}/${eventId} is gone`);
    if (row.state !== 'pending' || waitedMs >= settleMs) {
      const runs = await runsOf(orm, row.id);
      return { state: row.state, why: row.why, runs: runs.map(({ workflowId }) => workflowId) };
    }
    await pause(lookEveryMs);
  }
}
