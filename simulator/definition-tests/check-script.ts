import { checkForm } from '../../language/check/form.ts';
import type { Path } from '../../language/check/report.ts';
import { isObject, type Json, type JsonObject } from '../../language/json.ts';
import { parseElapsed, parseWhen } from '../virtual-time.ts';
import { checkPartialEvent, checkStepPath, type TestContext } from './check-context.ts';
import { partSchemas } from './test-file-schema.ts';

const kinds = ['event', 'decide', 'steer', 'cancel'] as const;
const steers = ['retry', 'skip', 'setResult', 'editInput', 'pause', 'resume'] as const;

/** Checks that each entry of a script has a time, does one thing, and names a step that can take it. */
export function checkScript(script: Json[], path: Path, context: TestContext): void {
  for (const [position, entry] of script.entries()) checkEntry(entry, [...path, position], context);
}

function checkEntry(entry: Json, path: Path, context: TestContext): void {
  checkForm(partSchemas.entry, entry, path, 'this entry', context.report);
  if (!isObject(entry)) return;
  if (isObject(entry.event)) checkPartialEvent(entry.event, [...path, 'event'], context.report);
  checkWhen(entry, [...path, 'at'], context);
  checkOneOf(kinds, entry, path, context);
  if (isObject(entry.decide)) checkTarget(entry.decide.step, 'approve', [...path, 'decide', 'step'], context);
  if (isObject(entry.steer)) {
    const name = checkOneOf(steers, entry.steer, [...path, 'steer'], context);
    if (name === 'editInput' && !isObject(entry.steer.input)) {
      context.report.add('KAIT1102', { path: [...path, 'steer'] }, '"input" is required beside "editInput".');
    }
    if (name !== undefined) checkTarget(entry.steer[name], undefined, [...path, 'steer', name], context);
  }
}

/** Only an event may have come before the run began. */
function checkWhen({ at, event }: JsonObject, path: Path, context: TestContext): void {
  if (event !== undefined && typeof at === 'string' && parseWhen(at) !== undefined) return;
  checkElapsed(at, path, context);
}

/** Checks a time since the run's start. A missing one is reported elsewhere. */
export function checkElapsed(at: Json | undefined, path: Path, { report }: TestContext): void {
  if (typeof at !== 'string' || parseElapsed(at) !== undefined) return;
  const hint = 'Write a plus sign and durations: +2h, +1h 30m.';
  report.add('KAIT1111', { path }, `"${at}" is not a time since the run began.`, hint);
}

function checkOneOf<Name extends string>(
  names: readonly Name[],
  value: JsonObject,
  path: Path,
  { report }: TestContext,
): Name | undefined {
  const [first, ...others] = names.filter((name) => Object.hasOwn(value, name));
  if (first === undefined) report.add('KAIT1102', { path }, `Exactly one of these is required: ${names.join(', ')}.`);
  for (const other of others) {
    const message = `"${other}" cannot stand beside "${first}".`;
    report.add('KAIT1101', { path: [...path, other], on: 'key' }, message, 'Put it in its own entry.');
  }
  return first;
}

/** The step must exist and, for `decide`, be an `approve` step. */
function checkTarget(step: Json | undefined, verb: 'approve' | undefined, path: Path, context: TestContext): void {
  if (typeof step !== 'string') return;
  const found = checkStepPath(step, { path }, context);
  if (found === undefined || verb === undefined || verb in found.step) return;
  context.report.add('KAIT1104', { path }, `Step "${step}" is not an ${verb} step, so it cannot be answered.`);
}
