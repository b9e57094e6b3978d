import { errorText } from '../describe-error.ts';
import type { RunInput, Step, StepDefaults } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { ExternalCall } from '../language/external-activity.ts';
import { externalCallsOf } from '../language/external-calls.ts';
import { triggerTypes } from '../language/triggers.ts';
import { matchTrigger } from '../language/match-trigger.ts';
import { turnKeyOf, turnRulesOf } from '../language/turns.ts';
import { ignoredBecause } from './ignored-because.ts';
import { isRunOf } from './former-names.ts';
import type { LoadedDefinition } from './load-definitions.ts';
import type { StartOutcome } from '../storage/start-failure.ts';
import type { TurnAnswer, TurnRequest } from '../storage/turns/take-turns.ts';
import { workflowIdOf, type StartRun } from './start-run.ts';
import { shapesOf } from './waits/shapes-of.ts';

/** A run that exists in Temporal now. */
export interface StartedRun {
  workflowId: string;
  definition: string;
  definitionHash: string;
}

/** A run of an event as the table `runs` has it. Temporal may have forgotten it since. */
export interface KnownRun {
  workflowId: string;
  definition: string;
  /** False if it is still to be started: see `run-again.ts`. */
  started: boolean;
}

/**
 * The outcome of dispatching one event. `refused`: at least one run cannot be started; `certain` if trying again would not help, because
 * a trigger cannot be evaluated or a run is too large; `doubtful` are runs that may exist or have existed. `unstarted`: a start failed, and
 * nothing says yet whether Temporal or the event is to blame: see `storage/start-verdict.ts`. `fetching`: it is a notice, so it starts no run, and
 * Kait is asking its gateway. `known`: how many runs it had before, if nothing was started now. `ignored`: why there is neither a run nor
 * a fetch. `handed`: how many runs that wait for it get it. `queued`: how many of its runs wait for their turn. `waiting`: it may be for files with mistakes too, so it is offered again once they are corrected. `runs` exist in any case.
 */
export type DispatchOutcome =
  | {
      kind: 'done';
      runs: StartedRun[];
      duplicates: number;
      fetching?: boolean;
      known?: number;
      ignored?: string;
      handed?: number;
      queued?: number;
    }
  | { kind: 'refused'; runs: StartedRun[]; reason: string; certain?: boolean; doubtful?: StartedRun[] }
  | { kind: 'waiting'; runs: StartedRun[]; waitsFor: string[]; reason: string }
  | { kind: 'unstarted'; runs: StartedRun[]; reason: string; temporalSeemsDown: boolean };

/** What is known about an event's runs before it is dispatched. */
export interface EventHistory {
  /** At most one of each definition is still to be started. */
  known: readonly KnownRun[];
  /** See `ClaimedEvent`. */
  doubtfulSince: string | null;
  /** Records that a start is about to happen. Called once before the first one. */
  begin: () => Promise<void>;
  /** The event's row in the inbox. */
  rowId: number;
  /**
   * No `waitFor` had named its type when it was stored. Who has since, finds it without its keys, because it is not newer than the shape of
   * that wait: see `recordShapes`.
   */
  unawaited?: boolean;
}

interface DispatchDeps extends EventHistory {
  installation: string;
  definitions: LoadedDefinition[];
  startRun: StartRun;
  localActivities: string[];
  activityLimits?: Record<string, StepDefaults>;
  /** The activities that workers of other programs run, by name. */
  external?: Readonly<Record<string, ExternalCall>>;
  first?: Step[];
  turns: TurnDeps;
}

/** Of definitions with a `key` or `limits`. */
export interface TurnDeps {
  /** Takes a turn for a run. Resolves once that is committed. Safe to repeat. */
  take: (request: TurnRequest & { loaded: LoadedDefinition }) => Promise<TurnAnswer>;
  /** Gives back the turn of a run that can never start. */
  end: (workflowId: string) => Promise<unknown>;
}

/** Each further start might take until its deadline, and together they must end within the event's claim. */
const mostUnavailable = 2;

/**
 * Starts one run for each definition whose trigger matches and that has none yet, and those that are asked for again. Each run executes the
 * steps in `first` before the definition's own. Safe to repeat: what has started according to `known` is not started, whether or not
 * Temporal still knows it, and Temporal itself refuses a second start of what could not be recorded. What may have been started so long
 * ago that Temporal would not know is not started either, but recorded as a run in doubt.
 */
export async function dispatchEvent(event: CanonicalEvent, deps: DispatchDeps): Promise<DispatchOutcome> {
  const { known, doubtfulSince, activityLimits = {}, external = {} } = deps;
  const runs: StartedRun[] = [];
  const doubtful: StartedRun[] = [];
  const failures: StartProblem[] = [];
  let passed: string | undefined;
  let queued = 0;
  let duplicates = 0;
  let begun = false;
  for (const loaded of deps.definitions) {
    const { definition, hash, children, settings } = loaded;
    const own = known.filter((run) => isRunOf(loaded, run));
    const due = own.filter((run) => !run.started);
    if (own.length > 0 && due.length === 0) continue;
    const { triggered, error } = matchTrigger(definition, event, settings);
    if (error !== undefined) failures.push({ kind: 'refused', reason: `${definition.name}: ${error}`, certain: true });
    if (!triggered) continue;
    const calls = externalCallsOf([definition, ...Object.values(children).map((child) => child.definition)], external);
    const input: RunInput = {
      definition,
      definitionHash: hash,
      event,
      localActivities: deps.localActivities,
      ...(Object.keys(activityLimits).length === 0 ? {} : { activityLimits }),
      ...(Object.keys(calls).length === 0 ? {} : { external: calls }),
      ...(Object.keys(children).length === 0 ? {} : { children }),
      ...(settings === undefined ? {} : { settings }),
      ...(deps.first === undefined || deps.first.length === 0 ? {} : { first: deps.first }),
    };
    const workflowId = due[0]?.workflowId ?? workflowIdOf(deps.installation, definition.name, event);
    const run: StartedRun = { workflowId, definition: definition.name, definitionHash: hash };
    if (doubtfulSince !== null) {
      doubtful.push(run);
      continue;
    }
    const turn = await turnOf(loaded, workflowId, event, deps);
    if (turn.kind === 'refused') failures.push(turn);
    if (turn.kind === 'passed') passed ??= turn.reason;
    if (turn.kind === 'queued') queued++;
    if (turn.kind !== 'go' && turn.kind !== 'free') continue;
    if (!begun) await deps.begin();
    begun = true;
    const outcome = await deps.startRun(turn.kind === 'go' ? { ...input, holdsTurn: true } : input, workflowId);
    if (outcome.kind === 'started' || outcome.kind === 'duplicate') {
      if (outcome.kind === 'duplicate') duplicates++;
      runs.push(run);
      continue;
    }
    failures.push({ ...outcome, reason: `${definition.name}: ${outcome.reason}` });
    if (turn.kind === 'go' && outcome.kind === 'refused') await deps.turns.end(workflowId);
    if (failures.filter(({ kind }) => kind === 'unavailable').length === mostUnavailable) break;
  }
  failures.push(...unmatched(event, deps));
  if (doubtfulSince !== null && doubtful.length > 0) return inDoubt(doubtful, doubtfulSince, failures);
  if (failures.length > 0) return outcomeOf(failures, runs);
  if (queued > 0) return { kind: 'done', runs, duplicates, queued };
  if (runs.length > 0) return { kind: 'done', runs, duplicates };
  const before = known.filter(({ started }) => started).length;
  if (before > 0) return { kind: 'done', runs, duplicates, known: before };
  if (passed !== undefined) return nothingDone(passed);
  return nothingDone(ignoredBy(deps.definitions, event));
}

type TurnOutcome =
  /** The definition has no turns. */
  { kind: 'free' } | { kind: 'go' } | { kind: 'queued' } | { kind: 'passed'; reason: string } | StartProblem;

async function turnOf(
  loaded: LoadedDefinition,
  workflowId: string,
  event: CanonicalEvent,
  { turns, rowId }: DispatchDeps,
): Promise<TurnOutcome> {
  const { definition, settings } = loaded;
  const { name } = definition;
  const rules = turnRulesOf(definition);
  if (rules === null) return { kind: 'free' };
  let key: string | null;
  try {
    key = turnKeyOf(definition, event, settings);
  } catch (error) {
    return { kind: 'refused', reason: `${name}: its key cannot be told: ${errorText(error)}`, certain: true };
  }
  const turn = await turns.take({ workflowId, definition: name, key, event: rowId, rules, loaded });
  if (turn.kind !== 'passed') return turn;
  return { kind: 'passed', reason: ignoredBecause[turn.why] };
}

function inDoubt(doubtful: StartedRun[], since: string, failures: StartProblem[]): DispatchOutcome {
  const ids = doubtful.map(({ workflowId }) => workflowId).join(', ');
  const reason = `Kait stopped at ${since} while it started ${ids}, and cannot tell any more whether that ran. See what happened; if nothing did, replay it with --again`;
  const reasons = [reason, ...failures.map((failure) => failure.reason)];
  return { kind: 'refused', runs: [], doubtful, reason: reasons.join('; '), certain: true };
}

/** Runs that are asked for again, and that no definition starts any more. */
function unmatched(event: CanonicalEvent, { known, definitions }: DispatchDeps): StartProblem[] {
  const due = known.filter(({ started }) => !started);
  return due.flatMap(({ definition: name, workflowId }) => {
    const own = definitions.find((loaded) => isRunOf(loaded, { definition: name }));
    const verdict = own && matchTrigger(own.definition, event, own.settings);
    if (verdict?.triggered === true || verdict?.error !== undefined) return [];
    const why = own === undefined ? 'is not served any more' : 'does not match the event any more';
    return [
      { kind: 'refused', reason: `${name}: ${workflowId} cannot start, because the definition ${why}`, certain: true },
    ];
  });
}

type StartProblem = Exclude<StartOutcome, { kind: 'started' | 'duplicate' }>;

function outcomeOf(failures: StartProblem[], runs: StartedRun[]): DispatchOutcome {
  const reason = failures.map((failure) => failure.reason).join('; ');
  if (failures.every(({ kind }) => kind === 'refused')) return { kind: 'refused', runs, reason, certain: true };
  return { kind: 'unstarted', runs, reason, temporalSeemsDown: failures.some(({ kind }) => kind === 'unavailable') };
}

/** The event needs no run. `ignored` says why. */
export function nothingDone(ignored: string): DispatchOutcome {
  return { kind: 'done', runs: [], duplicates: 0, ignored };
}

/** Why no definition has a run for the event, and none may wait for it; null if one has. A trigger that cannot be evaluated counts: its failure must be seen. */
export function startsNothing(event: CanonicalEvent, definitions: LoadedDefinition[]): string | null {
  const verdicts = definitions.map(({ definition, settings }) => matchTrigger(definition, event, settings));
  const starts = verdicts.some(({ triggered, error }) => triggered || error !== undefined);
  return starts || hasType(event, typesOf(definitions).waits) ? null : ignoredBy(definitions, event);
}

function ignoredBy(definitions: LoadedDefinition[], event: CanonicalEvent): string {
  const { triggers, waits } = typesOf(definitions);
  if (hasType(event, triggers)) return ignoredBecause.trigger;
  return hasType(event, waits) ? ignoredBecause.wait : ignoredBecause.type;
}

/** Whether any definition wants events of this type, for its trigger or in a `waitFor`. */
export function wantsType(definitions: LoadedDefinition[], event: CanonicalEvent): boolean {
  const { triggers, waits } = typesOf(definitions);
  return hasType(event, triggers) || hasType(event, waits);
}

interface WantedTypes {
  triggers: ReadonlySet<string>;
  waits: ReadonlySet<string>;
}

/** Every webhook asks, and a list of definitions never changes: a reload makes another one. */
const knownTypes = new WeakMap<LoadedDefinition[], WantedTypes>();

function typesOf(definitions: LoadedDefinition[]): WantedTypes {
  const known = knownTypes.get(definitions);
  if (known !== undefined) return known;
  const triggers = definitions.flatMap(({ definition: { on } }) => triggerTypes(on));
  const types = { triggers: new Set(triggers), waits: new Set(shapesOf(definitions).map(({ type }) => type)) };
  knownTypes.set(definitions, types);
  return types;
}

function hasType({ type, nativeType }: CanonicalEvent, types: ReadonlySet<string>): boolean {
  return types.has(type) || types.has(nativeType);
}
