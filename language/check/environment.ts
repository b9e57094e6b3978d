import { eventSchema } from './event-schema.ts';
import { shapeOf, type JsonShape } from './json-shape.ts';
import { noSteps, type Certainty, type VisibleStep, type VisibleSteps } from './visible-steps.ts';

/** What a reference at one point of the definition may see. Never changed: each step makes the next one's. */
export interface Environment {
  /** Only the event exists: nothing has run when a trigger is tested. */
  trigger: boolean;
  steps: VisibleSteps;
  vars: ReadonlyMap<string, Certainty>;
  /** Roots that a verb around this point brings: `item`, `index`, `error`, `signal`, and the names that `as` gives. */
  locals: ReadonlyMap<string, JsonShape>;
  /** Steps of the other branches of a parallel step that this point is in. */
  concurrent: ReadonlySet<string>;
  /** Steps inside of loops that have ended: their outputs ended with each item. */
  looped: ReadonlySet<string>;
  /** Every id of the definition, wherever it stands. */
  known: ReadonlySet<string>;
  event: JsonShape;
}

/** The canonical event's. */
export const eventShape: JsonShape = shapeOf(eventSchema);

export function createEnvironment(known: ReadonlySet<string>, trigger: boolean): Environment {
  const nothing = { steps: noSteps, vars: new Map(), locals: new Map(), concurrent: new Set<string>() };
  return { trigger, ...nothing, looped: new Set(), known, event: eventShape };
}

export function withStep(environment: Environment, id: string, step: VisibleStep): Environment {
  return { ...environment, steps: environment.steps.with(id, step) };
}

export function withVars(environment: Environment, names: string[]): Environment {
  const vars = new Map(environment.vars);
  for (const name of names) vars.set(name, 'always');
  return { ...environment, vars };
}

export function withLocals(environment: Environment, locals: Record<string, JsonShape>): Environment {
  return { ...environment, locals: new Map([...environment.locals, ...Object.entries(locals)]) };
}

export function besides(environment: Environment, concurrent: string[]): Environment {
  return { ...environment, concurrent: new Set([...environment.concurrent, ...concurrent]) };
}

/** What is visible after a list that started with `before` and ended with `inside`, and was run surely or sometimes. */
export function afterBranch(before: Environment, inside: Environment, certainty: Certainty): Environment {
  if (before === inside) return before;
  let { steps } = before;
  for (const [id, step] of inside.steps.entries()) {
    if (steps.get(id) === undefined) steps = steps.with(id, certainty === 'always' ? step : { ...step, certainty });
  }
  return { ...before, steps, vars: varsAfter(before, inside, certainty), looped: inside.looped };
}

/** After a loop: what it has set may have been set; its steps are out of sight. */
export function afterLoop(before: Environment, inside: Environment, ids: string[]): Environment {
  const looped = new Set([...before.looped, ...inside.looped, ...ids]);
  return { ...before, vars: varsAfter(before, inside, 'sometimes'), looped };
}

/** What is visible after one of several branches has run: of each, sometimes; what all of them set, always. */
export function afterOneOf(before: Environment, branches: Environment[]): Environment {
  const after = branches.reduce((merged, branch) => afterBranch(merged, branch, 'sometimes'), before);
  const [first, ...others] = branches;
  const isSetIn = (name: string) => (branch: Environment) => branch.vars.get(name) === 'always';
  const setByAll = [...(first?.vars.keys() ?? [])].filter((name) =>
    [first, ...others].every((branch) => branch !== undefined && isSetIn(name)(branch)),
  );
  return withVars(after, setByAll);
}

function varsAfter(before: Environment, inside: Environment, certainty: Certainty): Map<string, Certainty> {
  const vars = new Map(before.vars);
  for (const [name, inner] of inside.vars) {
    if (vars.get(name) !== 'always') vars.set(name, certainty === 'always' ? inner : certainty);
  }
  return vars;
}
