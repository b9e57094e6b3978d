import { eventSchema } from '../event.ts';
import { shapeOf, type JsonShape } from './json-shape.ts';
import { addedSince, extended, valueIn, type Trail } from './trail.ts';

/** Whether something before this point has certainly happened, or may have been skipped, have failed or been canceled. */
export type Certainty = 'always' | 'sometimes';

/** Whose words a value holds: a customer's, or something of the gateway's body that anybody may have chosen. */
export type Origin = 'customer' | 'body';

/** A step that ends before this point. */
export interface VisibleStep {
  certainty: Certainty;
  /** Undefined: any value is possible. */
  output: JsonShape | undefined;
  /** Whether its output is null if nothing arrives in time. */
  timesOut?: boolean;
  /** Whether it may have failed without anybody knowing what it did: in its `undo`. */
  inDoubt?: boolean;
}

/** What references at one point of the definition can see. Immutable: each step creates the next environment. */
export interface Environment {
  /** Only the event exists: nothing has run when a trigger is tested. */
  trigger: boolean;
  /** Not even settings exist: paths lead into another event. */
  eventOnly: boolean;
  /** Nothing of a run exists: paths start at `locals` only. */
  onlyLocals?: boolean;
  steps: Trail<VisibleStep>;
  vars: Trail<Certainty>;
  /** Roots from enclosing verbs: `item`, `index`, `error`, `signal`, and the names given by `as`. */
  locals: ReadonlyMap<string, JsonShape>;
  /** The enclosing steps with several branches. */
  forks: readonly Fork[];
  /** Steps inside loops that have ended. Their outputs ended with each item. */
  looped: Trail<true>;
  /** Every id in the definition. */
  known: ReadonlySet<string>;
  event: JsonShape;
  /** The form of `settings`. Undefined: not known. */
  settings: SettingsShape | undefined;
  /** Paths that a condition has proven to lead to something. */
  present: ReadonlySet<string>;
  /** The variables (`vars.name`) and loop items that hold a stranger's words. */
  strangers: ReadonlyMap<string, Origin>;
  /** The types of the failures that do not fail the run here. */
  handled: 'all' | ReadonlySet<string>;
  /** Whether the event, or a step before, is about money that has moved. */
  moneyMoved: boolean;
  /** The shortest deadline around, of a group or the run. Undefined: none. */
  withinMs?: number | undefined;
}

/** `problem`: the settings cannot be read, and why. */
export type SettingsShape = { shape: JsonShape } | { problem: string };

/** One branch of several: the ids in all of them, and in this one. */
export interface Fork {
  branchesRun: 'at once' | 'one only';
  all: ReadonlySet<string>;
  own: ReadonlySet<string>;
}

/** The environment at the end of a branch, and whether no run gets to that end. */
export interface BranchEnd {
  inside: Environment;
  endsTheRun: boolean;
}

/** The shape of the canonical event. */
export const eventShape: JsonShape = shapeOf(eventSchema);

export function createEnvironment(known: ReadonlySet<string>, trigger: boolean, settings?: SettingsShape): Environment {
  return {
    trigger,
    eventOnly: false,
    steps: null,
    vars: null,
    locals: new Map(),
    forks: [],
    looped: null,
    known,
    event: eventShape,
    settings,
    present: new Set(),
    strangers: new Map(),
    handled: new Set(),
    moneyMoved: false,
  };
}

export function withStep(environment: Environment, id: string, step: VisibleStep): Environment {
  return { ...environment, steps: extended(environment.steps, id, step) };
}

export function withVars(environment: Environment, names: string[]): Environment {
  const vars = names.reduce((trail, name) => extended(trail, name, 'always'), environment.vars);
  return { ...environment, vars };
}

export function withStrangers(environment: Environment, origins: [root: string, Origin | undefined][]): Environment {
  const strangers = new Map(environment.strangers);
  for (const [root, origin] of origins) {
    if (origin === undefined) strangers.delete(root);
    else strangers.set(root, origin);
  }
  return { ...environment, strangers };
}

/** Failures of these types do not fail the run inside. */
export function withHandled(environment: Environment, types: Environment['handled']): Environment {
  const { handled } = environment;
  const both = types === 'all' || handled === 'all' ? 'all' : new Set([...handled, ...types]);
  return { ...environment, handled: both };
}

export function withLocals(environment: Environment, locals: Record<string, JsonShape>): Environment {
  return { ...environment, locals: new Map([...environment.locals, ...Object.entries(locals)]) };
}

/** Gives what is visible in each of several branches, by position. No branch sees another. */
export function atFork(
  environment: Environment,
  branchesRun: Fork['branchesRun'],
  idsOfBranches: string[][],
): (position: number) => Environment {
  const all = new Set(idsOfBranches.flat());
  return (position) => {
    const fork: Fork = { branchesRun, all, own: new Set(idsOfBranches[position]) };
    return { ...environment, forks: [...environment.forks, fork] };
  };
}

/**
 * Gives what is visible after `before` and a list that ended with `inside` and ran always or sometimes. The list saw `start`,
 * which may be less than `before`.
 */
export function afterBranch(
  before: Environment,
  inside: Environment,
  certainty: Certainty,
  start: Environment = before,
): Environment {
  const steps = addedSince(inside.steps, start.steps).reduce((trail, [id, step]) => {
    if (certainty === 'always') return extended(trail, id, step);
    return valueIn(before.steps, id) === undefined ? extended(trail, id, { ...step, certainty }) : trail;
  }, before.steps);
  const vars = addedSince(inside.vars, start.vars).reduce((trail, [name, inner]) => {
    return valueIn(trail, name) === 'always'
      ? trail
      : extended(trail, name, certainty === 'always' ? inner : certainty);
  }, before.vars);
  const looped = addedSince(inside.looped, start.looped).reduce(
    (trail, [id]) => extended(trail, id, true),
    before.looped,
  );
  return { ...before, ...moneyAfter(before, inside), steps, vars, looped };
}

/** What may have happened counts, and so does what a variable may hold. */
function moneyAfter(before: Environment, inside: Environment): Pick<Environment, 'moneyMoved' | 'strangers'> {
  return {
    moneyMoved: before.moneyMoved || inside.moneyMoved,
    strangers:
      before.strangers === inside.strangers ? before.strangers : new Map([...before.strangers, ...inside.strangers]),
  };
}

/** Gives what is visible after a loop: variables may have been set, and its steps are no longer visible. */
export function afterLoop(before: Environment, inside: Environment, ids: string[]): Environment {
  const { vars } = afterBranch(before, inside, 'sometimes');
  const looped = ids.reduce<Trail<true>>((trail, id) => extended(trail, id, true), before.looped);
  return { ...before, ...moneyAfter(before, inside), vars, looped };
}

/**
 * Gives what is visible after one of several branches has run. If all branches but one end the run, that one has certainly run.
 */
export function afterOneOf(before: Environment, branches: BranchEnd[]): Environment {
  const open = branches.filter(({ endsTheRun }) => !endsTheRun).map(({ inside }) => inside);
  const [first, ...others] = open;
  const merged = branches.reduce<Environment>((after, { inside, endsTheRun }) => {
    return afterBranch(after, inside, open.length === 1 && !endsTheRun ? 'always' : 'sometimes');
  }, before);
  if (first === undefined) return merged;
  const setByAll = addedSince(first.vars, before.vars)
    .map(([name]) => name)
    .filter((name) => [first, ...others].every(({ vars }) => valueIn(vars, name) === 'always'));
  return withVars(merged, setByAll);
}
