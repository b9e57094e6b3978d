import type { ActivityTypes } from '../language/check.ts';
import { limitsOf } from '../language/activity-limits.ts';
import { personKey } from '../language/approval.ts';
import type { Definition } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { JsonObject } from '../language/json.ts';
import type { OperatorCommand } from '../workflows/commands.ts';
import { laterEvent } from './complete-event.ts';
import type { Mocks } from './mocks.ts';
import { nameOf, type RefusedEntry, type ScriptedDecision, type ScriptedSteering, type ScriptEntry } from './script.ts';
import type { RunEnd, SimulatedRun } from './run.ts';
import { startRun } from './simulated-run.ts';
import type { Simulation } from './simulation.ts';
import { inputFault, createMadeUpOutput } from './unmocked-activities.ts';
import { formatElapsed, parseWhen } from './virtual-time.ts';
import { createWorld, LimitExceeded, simulationLimits, type SimulationLimits, type World } from './world.ts';

export interface SimulationOptions {
  definition: Definition;
  /** Starts the run whether or not its trigger matches: see `explainTrigger`. The clock begins at its `receivedAt`. */
  event: CanonicalEvent;
  /** The definitions that `run` steps start, by name. */
  children?: Readonly<Record<string, Definition>>;
  /** The values of the settings. */
  settings?: JsonObject;
  /** Values for the definition's `vars`, as a `run` step passes them. */
  vars?: JsonObject;
  mocks?: Mocks;
  /** What happens later. Entries at the same time are carried out in order, before timers that end then. */
  script?: readonly ScriptEntry[];
  /** For outputs without a mock and for checking inputs. Without it, outputs are null and every input is accepted. */
  activities?: ActivityTypes;
  /** Error types that are not retried unless the mock says otherwise. */
  finalErrors?: readonly string[];
  /** Error types after which a step is not in doubt, unless the mock says otherwise. */
  harmlessErrors?: readonly string[];
  /**
   * Continue as a new run after this many steps, with the state as JSON keeps it. Changes only the order of things that happen at
   * the same time. Default: never.
   */
  continueEvery?: number;
  limits?: Partial<SimulationLimits>;
}

/**
 * Runs a definition on a virtual clock, with the interpreter that also runs in Temporal: a wait of a year takes no time. The same
 * options give the same simulation. Rejects only if the interpreter itself has a bug.
 */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const { definition, event, children = {}, mocks = {}, activities = {}, finalErrors = [], script = [] } = options;
  const localActivities = Object.keys(activities).filter((name) => activities[name]?.where === 'local');
  const world = createWorld({
    event,
    settings: options.settings ?? {},
    children,
    mocks,
    finalErrors,
    harmlessErrors: options.harmlessErrors ?? [],
    localActivities,
    activityLimits: limitsOf(activities),
    madeUp: createMadeUpOutput(activities),
    inputFault: (activity, input) => inputFault(activities, activity, input),
    continueEvery: options.continueEvery ?? Infinity,
    limits: { ...simulationLimits, ...options.limits },
  });
  const runId = `${definition.name}/${event.source}/${event.id}`;
  let endedMs = world.clock.nowMs();
  const run = startRun({
    world,
    definition,
    runId,
    prefix: '',
    depth: 0,
    vars: options.vars ?? {},
    events: [],
    ended: () => (endedMs = world.clock.nowMs()),
  });
  const refused = followScript(script, run, world);
  try {
    const exceeded = await world.run(() => run.isOver());
    const end = run.end();
    if (end === undefined) endedMs = world.clock.nowMs();
    const endedAt = formatElapsed(endedMs - Date.parse(event.receivedAt));
    const continuations = world.continuations();
    return {
      ...outcomeOf(end, exceeded, world),
      endedAt,
      continuations,
      ...world.recorder.trace(),
      refused: refused(),
    };
  } finally {
    world.scopes.close();
  }
}

/** Sets the entries' timers. Returns a function that lists the entries that could not be carried out. */
function followScript(script: readonly ScriptEntry[], run: SimulatedRun, world: World): () => RefusedEntry[] {
  const refused: RefusedEntry[] = [];
  const pending = new Set(script);
  const refuse = (entry: ScriptEntry, reason: string) => refused.push({ at: entry.at, what: nameOf(entry), reason });
  for (const [position, entry] of script.entries()) {
    const atMs = parseWhen(entry.at) ?? 0;
    if (atMs < 0 && 'event' in entry) {
      world.earlier.push(laterEvent(entry.event, world.event, world.clock.nowMs() + atMs, position));
      pending.delete(entry);
      continue;
    }
    world.clock.setTimer(atMs, () => {
      pending.delete(entry);
      try {
        if ('event' in entry) run.receive(laterEvent(entry.event, world.event, world.clock.nowMs(), position));
        else if ('decide' in entry)
          decide(entry.decide, String(position)).catch((error: unknown) => refuse(entry, textOf(error)));
        else if ('steer' in entry)
          run
            .command({ ...commandOf(entry.steer), id: String(position) })
            .catch((error: unknown) => refuse(entry, textOf(error)));
        else run.cancel();
      } catch (error) {
        refuse(entry, textOf(error));
      }
    });
  }
  world.earlier.sort((one, other) => Date.parse(one.receivedAt) - Date.parse(other.receivedAt));
  function decide({ roles = [], ...decision }: ScriptedDecision, id: string): Promise<void> {
    world.roles.set(personKey(decision.by), roles);
    return run.decide({ ...decision, id });
  }
  return () => {
    for (const entry of pending) if (!('event' in entry)) refuse(entry, 'The run had ended by then.');
    return refused;
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function commandOf(steering: ScriptedSteering): OperatorCommand {
  if ('pause' in steering) return { verb: 'pause' };
  if ('resume' in steering) return { verb: 'resume' };
  if ('retry' in steering) return { verb: 'retry', step: steering.retry };
  if ('skip' in steering) return { verb: 'skip', step: steering.skip };
  if ('editInput' in steering) return { verb: 'editInput', step: steering.editInput, input: steering.input };
  return { verb: 'setResult', step: steering.setResult, result: steering.result };
}

function outcomeOf(
  end: RunEnd | undefined,
  exceeded: string | undefined,
  world: World,
): Pick<Simulation, 'status' | 'output' | 'error' | 'stuckAt' | 'isCutOff'> {
  const none = { output: null, error: null, stuckAt: [], isCutOff: false };
  const cutOff = (limit: string) => ({ ...none, status: 'stuck' as const, stuckAt: [limit], isCutOff: true });
  if (exceeded !== undefined) return cutOff(exceeded);
  if (end === undefined) return { ...none, status: 'stuck', stuckAt: world.conditions.open() };
  switch (end.status) {
    case 'completed':
      return { ...none, status: 'completed', output: end.output };
    case 'canceled':
      return { ...none, status: 'canceled' };
    case 'failed': {
      const { type, message, stepId } = end.error;
      return { ...none, status: 'failed', error: { type, message, step: stepId } };
    }
    case 'broken':
      if (end.error instanceof LimitExceeded) return cutOff(end.error.message);
      throw end.error;
  }
}
