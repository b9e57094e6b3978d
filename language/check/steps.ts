import { closest } from '../closest.ts';
import type { Verb } from '../definition.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject, type CheckContext } from './context.ts';
import { afterBranch, withStep, type Environment } from './environment.ts';
import { checkForm } from './form.ts';
import { checkCondition } from './logic.ts';
import type { Path } from './report.ts';
import { idsIn } from './step-ids.ts';
import { unavailableVerbs } from './unavailable.ts';
import { verbChecks } from './verb-checks.ts';
import type { StepCheck } from './verbs/verb-check.ts';

/** Checks a list of steps, each by its verb; returns what is visible after it. */
export function checkSteps(list: Json | undefined, path: Path, context: CheckContext): Environment {
  if (!Array.isArray(list)) return context.environment; // The form's check of what holds the list has said so.
  let environment = context.environment;
  for (const [position, step] of list.entries()) {
    environment = checkStep(step, [...path, position], { ...context, environment });
  }
  return environment;
}

function checkStep(step: Json, path: Path, context: CheckContext): Environment {
  if (!isObject(step)) {
    context.report.add('KAIT1103', { path }, 'A step must be an object.');
    return context.environment;
  }
  const verb = verbIn(step, path, context);
  return verb === undefined ? context.environment : checkVerb(verb, step, path, context);
}

function checkVerb(verb: Verb, step: JsonObject, path: Path, context: CheckContext): Environment {
  const { schema, check, outputOf } = verbChecks[verb];
  checkForm(schema, step, path, 'this step', context.report);
  const isGuarded = verb !== 'if' && step.if !== undefined;
  if (isGuarded) checkCondition(step.if ?? null, [...path, 'if'], context);
  const stepCheck: StepCheck = {
    ...context,
    step,
    path,
    idsIn,
    checkStep: (inner, innerPath, environment) => checkStep(inner, innerPath, { ...context, environment }),
    checkSteps: (list, listPath, environment) => checkSteps(list, listPath, { ...context, environment }),
  };
  const certainty = isGuarded ? 'sometimes' : 'always';
  const after = afterBranch(context.environment, check(stepCheck), certainty);
  const { id } = step;
  return typeof id === 'string' ? withStep(after, id, { certainty, output: outputOf(stepCheck) }) : after;
}

/** The one verb of a step, dispatched on by hand: a union over all verbs would report the differences to each of them. */
function verbIn(step: JsonObject, path: Path, { report }: CheckContext): Verb | undefined {
  const verbs = Object.keys(step).filter((key) => isVerb(key, step));
  const [verb, second] = verbs;
  if (verb === undefined) {
    reportNoVerb(step, path, report);
    return undefined;
  }
  if (second !== undefined) {
    const place = { path: [...path, second], on: 'key' } as const;
    report.add(
      'KAIT1107',
      place,
      `A step has one verb, and this one has ${verbs.join(' and ')}.`,
      'Make it two steps.',
    );
    return undefined;
  }
  const later = Object.hasOwn(unavailableVerbs, verb) ? unavailableVerbs[verb] : undefined;
  if (later !== undefined) {
    report.add(
      'KAIT1108',
      { path: [...path, verb], on: 'key' },
      `The verb "${verb}" is not available in this version of Kait.`,
      later,
    );
    return undefined;
  }
  return verb as Verb; // Neither unknown nor unavailable.
}

/** `if` is a verb with `then` or `else` only; beside another verb it guards the step. */
function isVerb(key: string, step: JsonObject): boolean {
  if (key === 'if') return step.then !== undefined || step.else !== undefined;
  return Object.hasOwn(verbChecks, key) || Object.hasOwn(unavailableVerbs, key);
}

function reportNoVerb(step: JsonObject, path: Path, report: CheckContext['report']): void {
  const verbs = Object.keys(verbChecks);
  for (const key of Object.keys(step)) {
    const near = closest(key, [...verbs, ...Object.keys(unavailableVerbs)]);
    if (near === undefined || ['if', 'id', 'with', 'title'].includes(key)) continue;
    return report.add(
      'KAIT1106',
      { path: [...path, key], on: 'key' },
      `"${key}" is not a verb.`,
      `Did you mean "${near}"?`,
    );
  }
  const hint =
    step.if === undefined ? `Add one of: ${verbs.join(', ')}.` : 'Add "then" with the steps to run, or another verb.';
  report.add('KAIT1106', { path }, 'This step has no verb, so it does nothing.', hint);
}
