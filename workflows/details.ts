import type { RunInput, Step } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { allSteps, effectiveSteps } from '../language/plan.ts';
import type { RunDetails, ShownValue, StepDetails } from '../language/run-details.ts';
import { branchesOf, listsOf, verbOf, whatOf } from '../language/verbs.ts';
import { cutText, jsonBytes } from '../language/well-formed.ts';
import type { Interpreter } from './interpreter.ts';
import type { RunMemory } from './run-memory.ts';
import type { RunState } from './run-state.ts';
import { undoneOf } from './undo.ts';

interface Asked {
  input: RunInput;
  run: Pick<Interpreter, 'state' | 'open' | 'notes'>;
  memory: RunMemory;
  /** When the run continued as new; null if it did not. */
  continuedAt: Date | null;
}

/** Bytes of JSON of a value that is shown whole, and characters of the beginning of another. */
const mostOfOne = 2_000;
const beginningLength = 300;
/** Bytes of JSON of all values together. */
const mostOfAll = 300_000;
const mostCommandable = 50;
const mostOpen = 10;

/** The answer to the query `details`. Computed only when somebody asks. */
export function runDetails({ input, run, memory, continuedAt }: Asked): RunDetails {
  const { state } = run;
  const { commandable, asking } = run.open();
  const show = createShown();
  const steps = effectiveSteps(input);
  const [, ...others] = listsOf(input.definition);
  const view = (step: Step): StepDetails => stepDetails(step, { state, memory, show });
  return {
    steps: steps.map(view),
    others: others.map(({ label, steps: list }) => ({ label, steps: list.map(view) })),
    commandable: commandable.slice(0, mostCommandable).map(([key, each]) => ({ key, state: each })),
    asking: asking.slice(0, mostCommandable),
    decisions: memory.decisions(),
    remembersSince: continuedAt?.toISOString() ?? null,
    paused: state.paused === undefined ? null : { ...state.paused, at: new Date(state.paused.at).toISOString() },
    failure: failureOf(state),
    notes: [...run.notes()],
    retryOf: input.rescue?.of ?? null,
    definitionHash: input.definitionHash,
  };
}

function failureOf({ failure }: RunState): RunDetails['failure'] {
  if (failure === undefined) return null;
  return { type: failure.type, message: failure.message, step: failure.stepId };
}

interface Sight {
  state: RunState;
  memory: RunMemory;
  show: (value: Json | undefined) => ShownValue | null;
}

function stepDetails(step: Step, sight: Sight): StepDetails {
  const { state, memory, show } = sight;
  const { id } = step;
  const undone = undoneOf(id, state);
  const input = memory.inputOf(id);
  const loop = state.loops[id];
  return {
    ...{ id, verb: verbOf(step), title: step.title ?? id, what: whatOf(step), status: state.status[id] ?? 'pending' },
    ...{ startedAt: instant(state.startedAt[id]), endedAt: instant(state.endedAt[id]), until: untilOf(id, state) },
    error: state.errors[id] ?? null,
    items: loop === undefined ? null : { ...loop, count: loop.count ?? null },
    inDoubt: undone?.inDoubt ?? state.undo.some((entry) => entry.key === id && entry.inDoubt),
    undone: undone?.outcome ?? null,
    child: state.childRuns?.[id] ?? null,
    input: input === undefined ? null : show(state.inputs?.[id] ?? input ?? undefined),
    output: show(state.outputs[id] ?? undefined),
    open: openPasses(step, state),
    branches: branchesOf(step).map(({ label, steps }) => ({
      label,
      steps: steps.map((each) => stepDetails(each, sight)),
    })),
  };
}

/** Those of the steps inside that have begun. */
function openPasses(step: Step, { items }: RunState): StepDetails['open'] {
  if (!('forEach' in step || 'while' in step)) return [];
  const inside = allSteps([step]).slice(1);
  const keys = Object.keys(items).filter((key) => key.startsWith(`${step.id}/`));
  return keys.slice(0, mostOpen).map((key) => ({
    key,
    steps: inside.flatMap(({ id }) => {
      const status = items[key]?.status[id] ?? 'pending';
      return status === 'pending' ? [] : [{ id, status }];
    }),
  }));
}

/** Cursors of steps that wait say until when. */
function untilOf(id: string, { cursors }: RunState): string | null {
  for (const key of [`${id} parked`, id]) {
    const cursor = cursors[key] as { untilMs?: unknown; asked?: { untilMs?: unknown } } | undefined;
    const untilMs = cursor?.untilMs ?? cursor?.asked?.untilMs;
    if (typeof untilMs === 'number') return instant(untilMs);
  }
  return null;
}

/** Shows values until together they are too large. */
function createShown(): Sight['show'] {
  let left = mostOfAll;
  return (value) => {
    if (value === undefined) return null;
    const bytes = jsonBytes(value);
    if (bytes <= Math.min(mostOfOne, left)) {
      left -= bytes;
      return { value };
    }
    const beginning = cutText(JSON.stringify(value), Math.min(beginningLength, Math.max(0, left)));
    left -= beginning.length;
    return { beginning, bytes };
  };
}

function instant(unixMs: number | undefined): string | null {
  return unixMs === undefined ? null : new Date(unixMs).toISOString();
}
