import { closest } from '../closest.ts';
import type { Verb } from '../definition.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { CheckContext } from './context.ts';
import { stepEndsTheRun, hasEffect, idsIn } from './step-lists.ts';
import { afterBranch, withHandled, withLocals, withStep, type Certainty, type Environment } from './environment.ts';
import { checkForm } from './form.ts';
import { checkLimits } from './limits.ts';
import { checkCondition } from './logic.ts';
import type { Path } from './report.ts';
import { whereItFails, whereItHolds } from './narrow.ts';
import { checkUndo, isUndoneInDoubt, undoneStepShape } from './actions.ts';
import { verbChecks } from './verb-checks.ts';
import type { StepCheck } from './verbs/verb-check.ts';

/** Checks a list of steps, each by its verb. Returns what is visible after the list. */
export function checkSteps(list: Json | undefined, path: Path, context: CheckContext): Environment {
  if (!Array.isArray(list)) return context.environment; // Reported by the check of the form.
  let environment = context.environment;
  for (const [position, step] of list.entries()) {
    environment = checkStep(step, [...path, position], { ...context, environment });
    if (stepEndsTheRun(step) && list[position + 1] !== undefined) reportUnreachable([...path, position + 1], context);
  }
  return environment;
}

function reportUnreachable(path: Path, { report }: CheckContext): void {
  report.add(
    'KAIT1119',
    { path },
    'No run gets here: the step before always ends it.',
    'Add an "if" to the step that ends the run.',
  );
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
  const { schema, check, outputOf, timesOut } = verbChecks[verb];
  checkForm(schema, step, path, 'this step', context.report);
  const isGuarded = verb !== 'if' && step.if !== undefined;
  const effects = context.effects - Number(hasEffect(step));
  const own: CheckContext = { ...context, effects, once: { warned: false } };
  if (isGuarded) checkCondition(step.if ?? null, [...path, 'if'], own);
  const seen = isGuarded ? whereItHolds(context.environment, step.if) : context.environment;
  const stepCheck: StepCheck = {
    ...own,
    environment: seen,
    step,
    path,
    idsIn,
    checkStep: (inner, innerPath, environment) => checkStep(inner, innerPath, { ...context, environment }),
    checkSteps: (list, listPath, environment) => checkSteps(list, listPath, { ...context, environment }),
  };
  checkLimits(step, path, context);
  const certainty: Certainty = isGuarded ? 'sometimes' : 'always';
  const after = afterGuard(step, isGuarded, afterBranch(context.environment, check(stepCheck), certainty));
  const { id } = step;
  if (typeof id !== 'string') return after;
  const output = outputOf(stepCheck);
  checkUndo(step, path, {
    ...context,
    // It does not stop the others.
    environment: withHandled(
      withLocals(withStep(seen, id, { certainty: 'always', output, inDoubt: isUndoneInDoubt(step, context) }), {
        step: undoneStepShape,
      }),
      'all',
    ),
  });
  return withStep(after, id, { certainty, output, timesOut: timesOut?.(step) ?? false });
}

/** After a guarded step that ends the run, its guard was false. */
function afterGuard({ if: guard, ...unguarded }: JsonObject, isGuarded: boolean, after: Environment): Environment {
  return isGuarded && stepEndsTheRun(unguarded) ? whereItFails(after, guard) : after;
}

/** The verb of a step. A zod union over all verbs would report the differences to each of them. */
function verbIn(step: JsonObject, path: Path, { report }: CheckContext): Verb | undefined {
  const verbs = Object.keys(step).filter((key) => isVerb(key, step));
  const [verb, second] = verbs;
  if (verb === undefined) {
    reportNoVerb(step, path, report);
    return undefined;
  }
  if (second === undefined) return verb as Verb; // It is a key of the verbs' table.
  const place = { path: [...path, second], on: 'key' } as const;
  const message = `A step has one verb, but this one has ${verbs.join(' and ')}.`;
  report.add('KAIT1107', place, message, 'Make it two steps.');
  return undefined;
}

/** `if` is a verb only with `then` or `else`; beside another verb it is a guard. The `do` of a loop is not a verb. */
function isVerb(key: string, step: JsonObject): boolean {
  if (key === 'if') return step.then !== undefined || step.else !== undefined;
  if (key === 'do') return step.forEach === undefined && step.while === undefined;
  return Object.hasOwn(verbChecks, key);
}

function reportNoVerb(step: JsonObject, path: Path, report: CheckContext['report']): void {
  const verbs = Object.keys(verbChecks);
  for (const key of Object.keys(step)) {
    const near = closest(key, verbs);
    if (near === undefined || ['if', 'id', 'with', 'title'].includes(key)) continue;
    return report.add(
      'KAIT1106',
      { path: [...path, key], on: 'key' },
      `"${key}" is not a verb.`,
      `Did you mean "${near}"?`,
    );
  }
  const hint = step.if === undefined ? `Add one of: ${verbs.join(', ')}.` : 'Add "then" with steps, or another verb.';
  report.add('KAIT1106', { path }, 'This step has no verb, so it does nothing.', hint);
}
