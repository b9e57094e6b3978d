import { awaitOf } from './awaited-emit.ts';
import type {
  Definition,
  HttpAction,
  Logic,
  ParallelStep,
  Step,
  StepOf,
  UndoAction,
  UndoWhen,
  Verb,
} from './definition.ts';

/** The limits of a run. The interpreter, the checker, `kait explain` and the docs use them. */
export const runLimits = {
  /**
   * Calls before a run goes on as a new one. Local activities are not in history before their task ends, so the server cannot
   * count them; the server's own bound, which ordinary activities reach first, is 4,096 events.
   */
  callsPerRun: 2_000,
  /** Child runs before a run goes on as a new one. Temporal keeps at most 2,000 open ones of a run, and a detached one may stay open. */
  childrenPerRun: 500,
  /**
   * Bytes of JSON of events that are sent to a run before it goes on as a new one. The server counts them, too, up to 4 MiB of history, but tells
   * the run only with a later task, which never comes if nothing else happens.
   */
  receivedBytes: 3_000_000,
  /** Calls of other than local activities at once, and child runs at once. Temporal takes 2,000 of each. */
  callsAtOnce: 500,
  /** Bytes of a local activity's result as JSON. A workflow task tells Temporal the results of all that it ran. */
  localResultBytes: 32 * 1_024,
  /** Bytes of a call's input as JSON. Temporal takes 2 MiB with all that goes with it. */
  callBytes: 1_800_000,
  /** Items of a `forEach`: more would make the list that a run which continues as new carries too large. */
  items: 100_000,
  /** Items of a `forEach` at once. */
  itemsAtOnce: 100,
  /** Iterations of a `while`. */
  iterations: 10_000,
  /** Events kept for a later `waitFor`; beyond it the oldest goes, so that a run cannot be filled up with thousands. */
  keptEvents: 200,
  /** Characters of JSON of an event that a run under way takes. A stored event may have more, but then because of its `data`. */
  awaitedEvent: 100_000,
  /** Bytes of JSON of the kept events together. */
  keptEventBytes: 200_000,
} as const;

/** What every part of Kait needs to know about a verb: how a plan shows it, and which lists of steps it has. */
interface VerbDescription<S extends Step> {
  /** The most useful fact beside the id: the activity, the event type or the duration. Null: none. */
  what(step: S): string | null;
  /** The lists below the step, in the order in which they are written. */
  branches(step: S): Branch[];
}

export interface Branch {
  /** `then`, `parallel`, `case 2`, `onTimeout`. */
  label: string;
  steps: Step[];
}

const none = (): Branch[] => [];

const awaitedWord = { delivered: 'delivered', ack: 'answered' } as const;

/** In the order in which a step that holds several of the words is told apart: `forEach` and `while` have `do` as well. */
const verbTable: { [V in Verb]: VerbDescription<StepOf[V]> } = {
  call: { what: (step) => step.call, branches: none },
  http: { what: (step) => `${methodOf(step)} ${urlTextOf(step.http)}`, branches: none },
  emit: {
    what: (step) => {
      const awaited = awaitOf(step);
      return awaited === undefined ? step.emit : `${step.emit}, ${awaitedWord[awaited.what]} within ${awaited.limit}`;
    },
    branches: (step) => [...branch('onExhausted', step.onExhausted), ...branch('onTimeout', step.onTimeout)],
  },
  wait: { what: (step) => (typeof step.wait === 'string' ? step.wait : 'until'), branches: none },
  waitFor: {
    what: (step) => `${[step.waitFor].flat().join(', ')} within ${step.timeout}`,
    branches: (step) => branch('onTimeout', step.onTimeout),
  },
  approve: {
    what: (step) => `${step.approve} within ${step.timeout}`,
    branches: (step) => [...branch('onReject', step.onReject), ...branch('onTimeout', step.onTimeout)],
  },
  parallel: {
    what: (step) => (step.join === undefined ? null : joinText(step)),
    branches: (step) => [...branch('parallel', step.parallel), ...branch('onTimeout', step.onTimeout)],
  },
  forEach: {
    what: (step) => (typeof step.forEach.in === 'string' ? step.forEach.in : null),
    branches: (step) => [...branch('do', step.do), ...branch('onItemError', step.forEach.onItemError)],
  },
  while: { what: (step) => `at most ${step.max} times`, branches: (step) => branch('do', step.do) },
  switch: {
    what: () => null,
    branches: (step) => [
      ...step.switch.flatMap((each, position) => branch(`case ${position + 1}`, each.do)),
      ...branch('default', step.default),
    ],
  },
  try: {
    what: () => null,
    branches: (step) => [
      ...branch('try', step.try),
      ...(step.catch ?? []).flatMap(({ errors, do: steps }) =>
        branch(errors === undefined ? 'catch' : `catch ${errors.join(', ')}`, steps),
      ),
      ...branch('finally', step.finally),
    ],
  },
  run: { what: (step) => (step.detach === true ? `${step.run}, detached` : step.run), branches: none },
  set: { what: (step) => Object.keys(step.set).join(', '), branches: none },
  stop: { what: (step) => step.stop, branches: none },
  fail: { what: (step) => step.fail, branches: none },
  if: {
    what: () => null,
    branches: (step) => [...branch('then', step.then), ...branch('else', step.else)],
  },
  do: {
    what: (step) => (step.deadline === undefined ? null : `within ${step.deadline}`),
    branches: (step) => [...branch('do', step.do), ...branch('onTimeout', step.onTimeout)],
  },
};

/** How many branches of a `parallel` have to succeed: `all`, `2 of 3`. */
export function joinText({ join = 'all', parallel }: ParallelStep): string {
  return typeof join === 'string' ? join : `${join.count} of ${parallel.length}`;
}

/** Every verb. */
export const verbs = Object.keys(verbTable) as Verb[]; // The keys of a constant.

/** A step's verb. `if` counts only with `then`: beside another verb it is that step's guard. */
export function verbOf(step: Step): Verb {
  const verb = verbs.find((each) => (each === 'if' ? 'then' in step : Object.hasOwn(step, each)));
  return verb ?? 'do'; // Not reached: the checker rejects a step without a verb.
}

/** See {@link VerbDescription.what}. */
export function whatOf(step: Step): string | null {
  return descriptionOf(step).what(step);
}

/** A step in brief: `call orders.create`, `http POST https://shop.example`, `try`. */
export function briefOf(step: Step): string {
  const what = whatOf(step);
  return what === null ? verbOf(step) : `${verbOf(step)} ${what}`;
}

/** See {@link VerbDescription.branches}. */
export function branchesOf(step: Step): Branch[] {
  return descriptionOf(step).branches(step);
}

/** The lists of steps of a definition itself, each under the property that holds it. */
export function listsOf({
  steps,
  onTimeout,
  afterUndo,
}: Pick<Definition, 'steps' | 'onTimeout' | 'afterUndo'>): Branch[] {
  return [...branch('steps', steps), ...branch('onTimeout', onTimeout), ...branch('afterUndo', afterUndo)];
}

/** The condition that decides whether a step runs. The `if` of an `if` step chooses a branch instead. */
export function guardOf(step: Step): Logic | undefined {
  return 'then' in step ? undefined : step.if;
}

/** The HTTP method of a request: without one of its own, `POST` if it has a body or a form, otherwise `GET`. */
export function methodOf<Method extends string>(request: {
  method?: Method | undefined;
  body?: unknown;
  form?: unknown;
}): Method | 'GET' | 'POST' {
  return request.method ?? (request.body === undefined && request.form === undefined ? 'GET' : 'POST');
}

/** The text of a URL, encoded or raw. */
export function urlTextOf(url: HttpAction['http']): string {
  return typeof url === 'string' ? url : url.raw;
}

/** The action that takes back the effect of the step, if it has one. */
export function undoOf(step: Step): UndoAction | undefined {
  return 'undo' in step ? step.undo : undefined;
}

/**
 * When a step is undone; see {@link UndoWhen}. By default also in doubt, except for what is written to Kait's own database, whose
 * outcome the activity finds out: local activities and `emit`.
 */
export function undoWhenOf(step: Step, localActivities: readonly string[]): UndoWhen {
  if ('undoWhen' in step) return step.undoWhen;
  if ('emit' in step) return 'done';
  return 'call' in step && localActivities.includes(step.call) ? 'done' : 'maybe';
}

/** The `undo` of a step as a step of its own, with the same id. */
export function undoStepOf(step: Step): Step | undefined {
  const undo = undoOf(step);
  return undo && { id: step.id, ...undo };
}

function descriptionOf(step: Step): VerbDescription<Step> {
  return verbTable[verbOf(step)];
}

/** Gives no branch if there are no steps: `onTimeout` may also be a word. */
function branch(label: string, steps: Step[] | string | undefined): Branch[] {
  return Array.isArray(steps) ? [{ label, steps }] : [];
}
