import { eventSchema } from './event-schema.ts';
import { shapeOf, type JsonShape } from './json-shape.ts';

/** Whether a step that ends before this point has surely run, or may have been skipped. */
export type Certainty = 'always' | 'sometimes';

/** What a reference at one point of the definition may see. Never changed: each step makes the next one's. */
export interface Environment {
  /** Only the event exists: nothing has run when a trigger is tested. */
  trigger: boolean;
  steps: ReadonlyMap<string, VisibleStep>;
  vars: ReadonlyMap<string, Certainty>;
  /** Steps of the other branches of a parallel step that this point is in. */
  concurrent: ReadonlySet<string>;
  /** Every id of the definition, wherever it stands. */
  known: ReadonlySet<string>;
  event: JsonShape;
}

export interface VisibleStep {
  certainty: Certainty;
  /** Undefined: it may be anything. */
  output: JsonShape | undefined;
}

export function createEnvironment(known: ReadonlySet<string>, trigger: boolean): Environment {
  return { trigger, steps: new Map(), vars: new Map(), concurrent: new Set(), known, event: shapeOf(eventSchema) };
}

export function withStep(environment: Environment, id: string, step: VisibleStep): Environment {
  return { ...environment, steps: new Map(environment.steps).set(id, step) };
}

export function withVars(environment: Environment, names: string[]): Environment {
  const vars = new Map(environment.vars);
  for (const name of names) vars.set(name, 'always');
  return { ...environment, vars };
}

export function besides(environment: Environment, concurrent: string[]): Environment {
  return { ...environment, concurrent: new Set([...environment.concurrent, ...concurrent]) };
}

/** What is visible after a list that started with `before` and ended with `inside`, and was run surely or sometimes. */
export function afterBranch(before: Environment, inside: Environment, certainty: Certainty): Environment {
  const steps = new Map(before.steps);
  for (const [id, step] of inside.steps) {
    if (!steps.has(id)) steps.set(id, certainty === 'always' ? step : { ...step, certainty });
  }
  const vars = new Map(before.vars);
  for (const [name, inner] of inside.vars) {
    if (vars.get(name) !== 'always') vars.set(name, certainty === 'always' ? inner : certainty);
  }
  return { ...before, steps, vars };
}

/** What is visible after one of two branches has run: of both, sometimes; what either sets, always. */
export function afterEither(before: Environment, first: Environment, second: Environment): Environment {
  const after = afterBranch(afterBranch(before, first, 'sometimes'), second, 'sometimes');
  const setByBoth = [...first.vars.keys()].filter(
    (name) => first.vars.get(name) === 'always' && second.vars.get(name) === 'always',
  );
  return withVars(after, setByBoth);
}
