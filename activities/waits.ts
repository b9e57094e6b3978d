import { z } from 'zod';
import type { EarlierEvents, EventClaim } from '../language/earlier-events.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Database } from '../storage/database.ts';
import { findStored, findTaken } from '../storage/waits/find-stored.ts';
import { claimEvent, closeWait, openWait, type NewWait } from '../storage/waits/open-waits.ts';
import { eventForRun, type ReadData } from '../storage/waits/event-for-run.ts';
import { askDatabase } from './ask-database.ts';
import { ownWorkflow } from './own-workflow.ts';
import { parseShape } from './parse-input.ts';

export interface WaitActivityDeps {
  database: Database;
  readData: ReadData;
  /** Whether the gateway must be asked before an event of the source counts. */
  confirms: (source: string) => boolean;
  /** The reasons for which an event that started no run may still end a wait. */
  harmless: readonly string[];
  clock: () => Date;
  /** The workflow that asks for the activity, as Temporal says; null if none does. */
  workflowId: () => string | null;
}

const step = z.string().min(1).max(256);
const own = z.looseObject({ source: z.string(), eventId: z.string() });
const openInput = z.strictObject({
  step,
  types: z.array(z.string()).min(1),
  sources: z.array(z.string()).min(1),
  match: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  lookBackMs: z.int().min(0),
  untilMs: z.int(),
  live: z.boolean().nullable(),
  /** Null: the step begins to wait. Otherwise the row from which to look on. */
  after: z.int().nullable(),
  /** Of the events that are returned, as JSON. */
  mostBytes: z.int().min(1),
});
const claimInput = z.strictObject({ step, source: z.string(), eventId: z.string() });
const closeInput = z.strictObject({ step });

/** Stands for the row before the first: what the step took itself is still to be read. */
const beforeAll = -1;

/** An activity looks no longer than this, so that it ends before its attempt does. */
const longestLookMs = 5_000;

/**
 * The activities behind `waitFor`. `waits.open` registers the step, and only then looks for stored events: whatever is stored later finds the
 * step. `waits.claim` takes an event for one step of the run. `waits.close` ends the wait. A run can do that for its own steps only.
 */
export function createWaitActivities(deps: WaitActivityDeps) {
  const { database, workflowId } = deps;
  return {
    'waits.open': async (input: unknown, context: unknown): Promise<EarlierEvents> => {
      const { after, mostBytes, live, ...given } = parseShape('waits.open', openInput, input);
      const { source, eventId } = parseShape('waits.open', own, context);
      const wait: NewWait = { ...given, workflowId: ownWorkflow(workflowId()), own: { source, eventId, live } };
      return askDatabase(async () => {
        const { took } = after === null ? await openWait(database, wait) : { took: after === beforeAll };
        if (took) return eventTaken(wait, mostBytes, deps);
        return earlierEvents(wait, { after: after ?? 0, mostBytes }, deps);
      });
    },
    'waits.claim': async (input: unknown): Promise<EventClaim> => {
      const claim = parseShape('waits.claim', claimInput, input);
      const key = { ...claim, workflowId: ownWorkflow(workflowId()) };
      return askDatabase(async () => {
        const outcome = await claimEvent(database, key);
        const confirm = outcome === 'taken' && deps.confirms(claim.source);
        return { taken: outcome !== 'taken by another step', confirm };
      });
    },
    'waits.close': async (input: unknown): Promise<null> => {
      const key = { ...parseShape('waits.close', closeInput, input), workflowId: ownWorkflow(workflowId()) };
      await askDatabase(() => closeWait(database, key));
      return null;
    },
  };
}

/**
 * What the step took before its worker died, ahead of all others: no other step can have it. If it does not fit, it is asked for with more room.
 */
async function eventTaken(
  wait: NewWait,
  mostBytes: number,
  { database, readData }: WaitActivityDeps,
): Promise<EarlierEvents> {
  const event = await findTaken(database, wait, readData);
  const fits = event === null || Buffer.byteLength(JSON.stringify(event)) <= mostBytes;
  if (!fits) return { events: [], after: beforeAll, more: true };
  return { events: event === null ? [] : [event], after: 0, more: true, own: true };
}

/** At most what fits. The first event is returned in any case, unless somebody can ask for it with more room. */
async function earlierEvents(
  wait: NewWait,
  { after: from, mostBytes }: { after: number; mostBytes: number },
  deps: WaitActivityDeps,
): Promise<EarlierEvents> {
  const startedAt = deps.clock().getTime();
  const events: CanonicalEvent[] = [];
  let bytes = 0;
  let after = from;
  for (;;) {
    const page = await findStored(deps.database, wait, { after, harmless: deps.harmless, readData: deps.readData });
    for (const stored of page.events) {
      const event = eventForRun(stored, deps.readData, Object.keys(wait.match));
      bytes += Buffer.byteLength(JSON.stringify(event));
      if (bytes > mostBytes) return { events, after, more: true };
      events.push(event);
      after = stored.row;
    }
    after = page.after;
    const isLate = deps.clock().getTime() - startedAt > longestLookMs;
    if (!page.more || events.length > 0 || isLate) return { events, after, more: page.more };
  }
}
