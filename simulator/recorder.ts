import type { Definition, Step, StepStatus, Verb } from '../language/definition.ts';
import { everyList } from '../language/plan.ts';
import { keyInAnyGeneration } from '../language/rescue.ts';
import { branchesOf, verbOf, whatOf } from '../language/verbs.ts';
import type { CallRequest, ChildRequest } from '../workflows/effects.ts';
import type { RunObserver } from '../workflows/run-context.ts';
import { explainCondition } from '../language/explain-condition.ts';
import type { Attempt } from './simulated-call.ts';
import type { AttemptEntry, Simulation, TraceEntry } from './simulation.ts';
import { formatElapsed } from './virtual-time.ts';

/** Records what all runs of a simulation do. */
export interface Recorder {
  /** `prefix` precedes the path of each step, empty for the run itself. `depth` is that of its first steps. */
  forRun(run: { definition: Definition; prefix: string; depth: number }): RunRecorder;
  trace(): Pick<Simulation, 'trace' | 'undone'>;
}

/** Records what one run does. */
export interface RunRecorder extends Required<Omit<RunObserver, 'commanded' | 'stands' | 'requested'>> {
  called(request: CallRequest): void;
  attempted(request: CallRequest, attempt: Attempt): void;
  startedChild(request: ChildRequest): void;
  /** How deep a step of the run is nested, from 0. */
  depthOf(stepId: string): number;
}

export interface RecorderDeps {
  nowMs: () => number;
  startMs: number;
  /** Called when a step has ended or was skipped on its own. */
  stepEnded: () => void;
}

export function createRecorder({ nowMs, startMs, stepEnded }: RecorderDeps): Recorder {
  const entries = new Map<string, TraceEntry>();
  const undone: Simulation['undone'] = [];
  /** Calls that undo a step, by their path. */
  const undoCalls = new Map<string, { request: CallRequest; attempts: AttemptEntry[] }>();
  const elapsed = (ms: number) => formatElapsed(ms - startMs);

  function forRun({ definition, prefix, depth }: Parameters<Recorder['forRun']>[0]): RunRecorder {
    const outlines = outlinesOf(everyList({ definition }), depth);
    /** Keys of skipped steps, including those that the trace leaves out. */
    const skipped = new Set<string>();

    function entryOf(key: string, stepId: string): TraceEntry {
      const path = prefix + key;
      const entry = entries.get(path) ?? newEntry(path, stepId);
      entries.set(path, entry);
      return entry;
    }

    function newEntry(path: string, step: string): TraceEntry {
      const { verb, what, depth } = outlines.get(step) ?? unknownStep;
      const at = elapsed(nowMs());
      const about = { path, step, definition: definition.name, verb, what, depth };
      return { at, endedAt: null, ...about, status: 'pending', attempts: [], decisions: [] };
    }

    /** Whether the step was skipped together with the step around it. */
    function isImplied(key: string, stepId: string): boolean {
      const parent = outlines.get(stepId)?.parent;
      skipped.add(key);
      return parent !== undefined && skipped.has(parent + key.slice(stepId.length));
    }

    return {
      changed({ key, stepId, status, output, error }) {
        if (status === 'skipped' && isImplied(key, stepId)) return;
        const entry = entryOf(key, stepId);
        entry.status = status;
        entry.endedAt = hasEnded(status) ? elapsed(nowMs()) : null;
        if (output !== undefined) entry.output = output;
        if (error === undefined) delete entry.error;
        else entry.error = error;
        delete entry.left;
        if (hasEnded(status)) stepEnded();
      },
      left({ key, stepId, inDoubt }) {
        entryOf(key, stepId).left = { inDoubt };
      },
      decided({ key, stepId, position, logic, scope, value }) {
        // A loop's condition is evaluated with the key of its next iteration.
        const own = position === 'while' ? key.slice(0, key.lastIndexOf('/')) : key;
        const because = explainCondition(logic, { scope, nowMs: nowMs() });
        const { decisions } = entryOf(own, stepId);
        // Each new event makes a step look again at the events that did not match.
        const again = position === 'where' && decisions.some((other) => other.because === because);
        if (!again) decisions.push({ position, value, because });
      },
      undone({ key, stepId, inDoubt, ok, error }) {
        const call = undoCalls.get(`${prefix}${key}/undo`);
        undone.push({
          at: elapsed(nowMs()),
          path: prefix + key,
          step: stepId,
          definition: definition.name,
          what: call?.request.activity ?? '',
          input: call?.request.input ?? null,
          inDoubt,
          ok,
          ...(error === undefined ? {} : { error }),
          attempts: call?.attempts ?? [],
        });
      },
      called(request) {
        const key = keyInAnyGeneration(request.key);
        if (isUndo(request)) undoCalls.set(prefix + key, { request, attempts: [] });
        else entryOf(key, request.stepId).input = request.input;
      },
      attempted(request, attempt) {
        const { startedMs, endedMs, outcome, madeUp } = attempt;
        const shown = typeof outcome === 'string' ? outcome : `${outcome.type}: ${outcome.message}`;
        const attemptEntry = { at: elapsed(startedMs), endedAt: elapsed(endedMs), outcome: shown };
        const key = keyInAnyGeneration(request.key);
        if (isUndo(request)) return void undoCalls.get(prefix + key)?.attempts.push(attemptEntry);
        const entry = entryOf(key, request.stepId);
        entry.attempts.push(attemptEntry);
        if (madeUp) entry.madeUp = true;
      },
      noted: () => undefined, // The script's own events are well-formed, and each `where` is a decision.
      startedChild({ key, stepId, vars }) {
        entryOf(key, stepId).input = vars;
      },
      depthOf: (stepId) => (outlines.get(stepId) ?? unknownStep).depth,
    };
  }

  return { forRun, trace: () => ({ trace: [...entries.values()], undone }) };
}

interface StepOutline {
  verb: Verb;
  what: string | null;
  depth: number;
  /** The id of the step around it. */
  parent: string | undefined;
}

const unknownStep: StepOutline = { verb: 'do', what: null, depth: 0, parent: undefined };

function outlinesOf(steps: Step[], depth: number, parent?: string): Map<string, StepOutline> {
  const outlines = new Map<string, StepOutline>();
  for (const step of steps) {
    outlines.set(step.id, { verb: verbOf(step), what: whatOf(step), depth, parent });
    for (const branch of branchesOf(step)) {
      for (const [id, outline] of outlinesOf(branch.steps, depth + 1, step.id)) outlines.set(id, outline);
    }
  }
  return outlines;
}

function isUndo({ key }: CallRequest): boolean {
  return key.endsWith('/undo');
}

function hasEnded(status: StepStatus): boolean {
  return status !== 'running' && status !== 'parked' && status !== 'pending';
}
