import { awaitOf } from '../../language/awaited-emit.ts';
import { stepsOf } from '../../language/plan.ts';
import type { ActivityTypes } from '../../language/check.ts';
import { checkForm } from '../../language/check/form.ts';
import type { Path, Report } from '../../language/check/report.ts';
import { suggest } from '../../language/closest.ts';
import type { Definition, Step } from '../../language/definition.ts';
import type { ProjectSettings } from '../../language/project-settings.ts';
import { isObject, type JsonObject } from '../../language/json.ts';
import { withoutIndices } from '../mocks.ts';
import { factNames } from '../sample-facts.ts';
import { partSchemas } from './test-file-schema.ts';

/** What a test, a script or mocks are checked against. */
export interface TestContext {
  report: Report;
  definition: Definition;
  /** The definitions that its `run` steps start, by name. */
  children: Readonly<Record<string, Definition>>;
  activities: ActivityTypes;
  /** With their defaults. Undefined: any may exist. */
  settings?: ProjectSettings | undefined;
}

/** The step at a path. Without one, reports it at `place` and returns undefined. */
export function checkStepPath(
  stepPath: string,
  place: { path: Path; on?: 'key' },
  { report, definition, children }: TestContext,
): Extract<StepAtPath, { undo: boolean }> | undefined {
  const found = stepAtPath(stepPath, definition, children);
  if (found.step !== null) return found;
  report.add('KAIT1202', place, found.message, found.hint);
  return undefined;
}

/** The step that a path names, or the reason why it names none. `undo`: the path names the undoing of the step. `outcome`: it names what became of its deliveries. */
type StepAtPath =
  { step: Step; undo: boolean; outcome?: boolean } | { step: null; message: string; hint: string | undefined };

/**
 * Follows a path: `order`, `pay/3` in a loop, `ship/pay/3` in the run that the step `ship` starts, `order/undo`, `tell/outcome`. Indices are
 * optional and not compared with the number of items.
 */
function stepAtPath(path: string, definition: Definition, children: Readonly<Record<string, Definition>>): StepAtPath {
  const [id = '', ...rest] = withoutIndices(path).split('/');
  const steps = stepsOf(definition);
  const step = steps.find((each) => each.id === id);
  if (step === undefined) return noStep(id, definition, steps);
  if (rest.length === 0) return { step, undo: false };
  if (rest.length === 1 && rest[0] === 'undo' && 'undo' in step) return { step, undo: true };
  if (rest.length === 1 && rest[0] === 'outcome' && 'emit' in step && awaitOf(step) !== undefined) {
    return { step, undo: false, outcome: true };
  }
  if ('run' in step) {
    const other = Object.hasOwn(children, step.run) ? children[step.run] : undefined;
    if (other !== undefined) return stepAtPath(rest.join('/'), other, children);
    return { step: null, message: `The definition "${step.run}" was not found.`, hint: undefined };
  }
  const hint =
    rest[0] === 'undo' ? 'Only a step that declares "undo" can be undone.' : 'Only "run" steps have steps below them.';
  return { step: null, message: `Step "${id}" has no "${rest.join('/')}" below it.`, hint };
}

function noStep(id: string, { name }: Definition, steps: Step[]): StepAtPath {
  const ids = steps.map((step) => step.id);
  const hint = suggest(id, ids, `The steps are: ${ids.slice(0, 20).join(', ')}.`);
  return { step: null, message: `The definition "${name}" has no step "${id}".`, hint };
}

/** Checks an event that may leave members out. */
export function checkPartialEvent(event: JsonObject, path: Path, report: Report): void {
  checkForm(partSchemas.event, event, path, 'the event', report);
  for (const name of factNames) {
    const fact = event[name];
    if (!isObject(fact)) continue;
    checkForm(partSchemas.facts[name], fact, [...path, name], `the ${name}`, report);
    const { customer } = fact;
    if (!isObject(customer) || !('customer' in partSchemas.facts[name].shape)) continue;
    checkForm(partSchemas.customer, customer, [...path, name, 'customer'], 'the customer', report);
  }
}
