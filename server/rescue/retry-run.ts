import { and, desc, eq, gt, isNotNull } from 'drizzle-orm';
import type { Definition, RunInput } from '../../language/definition.ts';
import type { JsonObject } from '../../language/json.ts';
import type { RescuePlan, UndoFailed } from '../../language/rescue.ts';
import type { Database } from '../../storage/database.ts';
import { audit, rescues, runs } from '../../storage/schema.ts';
import { prepareInput } from '../run-input.ts';
import { runOfKey } from '../search/run-of-key.ts';
import { retryIdOf } from '../start-run.ts';
import { type ServedNow, withCurrentDefinition } from './current-definition.ts';
import { type Ended, type NotReadable, readEnded, type ReadEndedDeps, type RunState, stateOf } from './read-ended.ts';

export interface RetryRequest {
  workflowId: string;
  /** Who, and why, for the audit. */
  actor: string;
  reason: string;
  /** What is assumed of effects whose undo failed. Undefined: a run that has any is refused. */
  undoFailed?: UndoFailed | undefined;
  /** Whether the new run has the definition as it is served now. */
  current?: boolean | undefined;
  /** Only says what would be done. */
  dryRun?: boolean | undefined;
  /** Of a run under way: all of its parked steps, if there are several. */
  all?: boolean | undefined;
  /** Which way it came, and the client's address. Default: `api`. */
  via?: 'api' | 'cli' | undefined;
  address?: string | null | undefined;
}

export type RetryRefusal =
  /** Kait has started no such run. */
  | 'unknown'
  /** It is a child run. `detail` names the run above it. */
  | 'child'
  /** It has not ended, and is at no step that could be retried: see `detail`. */
  | 'running'
  /** It is parked at several steps, which `detail` names. */
  | 'which-step'
  /** It has ended well. */
  | 'completed'
  /** Its retry has been asked for, and is about to start. */
  | 'being-retried'
  /** The event was run again meanwhile, with all of its effects. */
  | 'ran-again'
  /** Temporal does not know it any more. */
  | 'gone'
  /** Nobody knows whether the effects stand that it could not undo. */
  | 'undo-failed'
  /** The definition cannot take its place: see `detail`. */
  | 'definition'
  | NotReadable['refused'];

export interface Retried {
  /** Null: it is retried, or would be. */
  refused: RetryRefusal | null;
  detail: string | null;
  /** The run that is retried: the latest that goes on from the one that was asked for. */
  of: string;
  /** How that one has ended; null if it was not asked. */
  ended: RunState | null;
  /** The id of the new run. The server starts it soon. */
  run: string | null;
  plan: RescuePlan | null;
  /** Of a run under way: the keys of the steps that are tried again, in that run. */
  steps: string[];
  /** Both definitions, if the new run has another one. */
  definitions: { before: Definition; after: Definition } | null;
}

export interface RetryDeps extends ReadEndedDeps {
  database: Database;
  /** Read each time, since it may change. */
  served: () => ServedNow;
  /** For a run that has not ended: see `retry-open.ts`. */
  retryOpen: (
    deps: Omit<RetryDeps, 'retryOpen'>,
    workflowId: string,
    request: RetryRequest,
  ) => Promise<Pick<Retried, 'refused' | 'detail' | 'steps' | 'definitions'>>;
}

/**
 * Has a run go on from one that has ended, under an id of its own. Each run can be retried once, by a unique constraint: after that, its successor
 * can. So of several operators, or of the same command given twice, one counts. Who asked, and why, is recorded in the same transaction.
 */
export async function retryRun(deps: RetryDeps, request: RetryRequest): Promise<Retried> {
  const found = await findLatest(deps.database, request.workflowId);
  const none = {
    of: found?.workflowId ?? request.workflowId,
    ended: null,
    run: null,
    plan: null,
    detail: null,
    steps: [],
    definitions: null,
  };
  if (found === null) return { ...none, ...(await refuseChild(deps, request.workflowId)) };
  if (found.pending) return { ...none, refused: 'being-retried', run: found.workflowId, of: found.retryOf };
  const ended = await stateOf(deps.client, found.workflowId);
  if (ended === 'running') return { ...none, ended, ...(await deps.retryOpen(deps, found.workflowId, request)) };
  if (ended === 'completed' || ended === 'gone') return { ...none, ended, refused: ended };
  const again = await ranAgain(deps.database, found);
  if (again !== null) return { ...none, ended, refused: 'ran-again', detail: again };
  const undoFailed = request.undoFailed ?? 'stands';
  const own = await readEnded(deps, found.workflowId, { undoFailed });
  if ('refused' in own) return { ...none, ended, ...own };
  const { plan } = own;
  const read = request.current === true ? await underCurrent(deps, found.workflowId, own, undoFailed) : own;
  if ('refused' in read) return { ...none, ended, plan, ...read };
  if (plan.undoFailed.length > 0 && request.undoFailed === undefined) {
    return { ...none, ended, plan, refused: 'undo-failed', detail: plan.undoFailed.join(', ') };
  }
  const input: RunInput = { ...read.input, rescue: read.rescue };
  const prepared = prepareInput(input);
  if ('refusal' in prepared) return { ...none, ended, plan, refused: 'too-large', detail: prepared.refusal };
  const run = retryIdOf(found.root, found.number + 1);
  const definitions =
    read.input.definitionHash === own.input.definitionHash
      ? null
      : { before: own.input.definition, after: read.input.definition };
  if (request.dryRun === true) return { ...none, ended, plan, run, definitions, refused: null };
  const isOwn = await record(deps.database, { ...found, run, input, json: prepared.json }, request);
  return { ...none, ended, plan, run, definitions, refused: isOwn ? null : 'being-retried' };
}

/** Which no run can take the place of: the run above it has its input from Kait, and waits for it. */
async function refuseChild(
  { client, database }: RetryDeps,
  workflowId: string,
): Promise<Pick<Retried, 'refused'> & Partial<Retried>> {
  const root = runOfKey(workflowId);
  if (root === workflowId || (await findLatest(database, root)) === null) return { refused: 'unknown' };
  const ended = await stateOf(client, workflowId);
  if (ended === 'gone') return { refused: 'unknown' };
  return ended === 'completed' ? { ended, refused: ended } : { ended, refused: 'child', detail: root };
}

/** The same with the definition as it is served now. */
async function underCurrent(
  deps: RetryDeps,
  workflowId: string,
  { input, rescue }: Ended,
  undoFailed: UndoFailed,
): Promise<Ended | NotReadable | { refused: 'definition'; detail: string }> {
  const next = withCurrentDefinition(input, rescue, deps.served());
  if ('problem' in next) return { refused: 'definition', detail: next.problem };
  const definition = next.definition as unknown as JsonObject; // JSON by construction.
  const asked = await readEnded(deps, workflowId, { undoFailed, definition });
  if ('refused' in asked) return asked;
  if (asked.problem !== null) return { refused: 'definition', detail: asked.problem };
  return { ...asked, input: next };
}

export interface Latest {
  workflowId: string;
  retryOf: string;
  root: string;
  /** How often it was retried. */
  number: number;
  event: number;
  startedAt: Date | null;
  definition: string;
  pending: boolean;
}

/** The run that was asked for, or the latest one that goes on from it. */
export async function findLatest({ orm }: Database, workflowId: string): Promise<Latest | null> {
  const [own] = await orm.select().from(rescues).where(eq(rescues.workflowId, workflowId));
  const root = own?.root ?? workflowId;
  const [first] = await orm
    .select()
    .from(runs)
    .where(and(eq(runs.workflowId, root), isNotNull(runs.startedAt)));
  if (first === undefined) return null;
  const { event, definition, startedAt } = first;
  const none = { root, event, definition, startedAt };
  const [latest] = await orm
    .select()
    .from(rescues)
    .where(eq(rescues.root, root))
    .orderBy(desc(rescues.number))
    .limit(1);
  if (latest === undefined) return { ...none, workflowId: root, retryOf: root, number: 0, pending: false };
  const { number, retryOf, state } = latest;
  if (state === 'refused') return { ...none, workflowId: retryOf, retryOf, number: number - 1, pending: false };
  return { ...none, workflowId: latest.workflowId, retryOf, number, pending: state === 'pending' };
}

/** Whether it is a run that an event has started and nothing goes on from, nor is about to. */
export async function isLatest(database: Database, workflowId: string): Promise<boolean> {
  const latest = await findLatest(database, workflowId);
  return latest?.workflowId === workflowId && !latest.pending;
}

/** The run of the same event and definition that was asked for later, if there is one. */
async function ranAgain({ orm }: Database, { event, definition, root }: Latest): Promise<string | null> {
  const [own] = await orm.select({ number: runs.number }).from(runs).where(eq(runs.workflowId, root));
  const later = await orm
    .select({ workflowId: runs.workflowId })
    .from(runs)
    .where(and(eq(runs.event, event), eq(runs.definition, definition), gt(runs.number, own?.number ?? 0)));
  const family = new Set((await orm.select().from(rescues).where(eq(rescues.root, root))).map((row) => row.workflowId));
  return later.find(({ workflowId }) => !family.has(workflowId))?.workflowId ?? null;
}

/** False if somebody else was first. */
async function record(
  { orm }: Database,
  { run, workflowId, root, number, event, input, json }: Latest & { run: string; input: RunInput; json: string },
  { actor, reason }: RetryRequest,
): Promise<boolean> {
  return orm.transaction(async (transaction) => {
    const { definition, definitionHash } = input;
    const row = {
      ...{ workflowId: run, retryOf: workflowId, root, number: number + 1, event },
      ...{ definition: definition.name, definitionHash, input: json },
    };
    const fresh = { state: 'pending' as const, begunAt: null, claimedUntil: null, lastError: null };
    const inserted = await transaction
      .insert(rescues)
      .values(row)
      // One that could not start may be asked for again.
      .onConflictDoUpdate({
        target: rescues.workflowId,
        set: { ...fresh, input: json, definitionHash, retryOf: workflowId },
        setWhere: eq(rescues.state, 'refused'),
      })
      .returning({ workflowId: rescues.workflowId });
    if (inserted.length === 0) return false;
    await transaction.insert(audit).values({ actor, action: 'retry-run', target: run, reason });
    return true;
  });
}
