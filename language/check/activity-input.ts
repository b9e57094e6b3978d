import type { z } from 'zod';
import { isObject, type Json, valueAt } from '../json.ts';
import { type ActionCheck, type ActivityType, membersOf } from './context.ts';
import { originOfTemplate, reportHazard } from './stranger.ts';
import { didYouMean, type Path } from './report.ts';
import { memberOf, shapeOf, typesOf, type JsonShape } from './json-shape.ts';
import { isLiteral, isOperation, shapeOfTemplate } from './template.ts';

type Issue = z.core.$ZodIssue;

/** Checks a step's `with` against what the activity takes: names, literal values, and the types of whole paths. */
export function checkActivityInput(activity: ActivityType, step: ActionCheck): void {
  const { input } = activity;
  const given = step.step.with ?? {};
  if (!isObject(given)) return; // Reported by the check of the form.
  const path = [...step.path, 'with'];
  for (const issue of issuesOf(input, given)) reportIssue(issue, input, given, path, step);
  checkPathTypes(shapeOf(input, 'input'), given, path, step);
  for (const { key, value, path: at } of membersOf(given, path)) checkWords(key, value, at, activity, step);
}

/** None if a refinement of the author's throws, or wants to be awaited: then only running the activity shows whether it takes the input. */
function issuesOf(input: z.ZodObject, given: Json): Issue[] {
  try {
    return input.safeParse(given).error?.issues ?? [];
  } catch {
    return [];
  }
}

/** A stranger's words in an input that has a form: an address, a short text. */
function checkWords(key: string, value: Json, path: Path, { input, refusal }: ActivityType, step: ActionCheck): void {
  const shape = shapeOf(input, 'input').properties?.[key];
  const found = originOfTemplate(value, step.environment);
  if (shape === undefined || found === undefined) return;
  const hasForm = shape.pattern !== undefined || shape.format !== undefined;
  const isShort = shape.minLength !== undefined || (shape.maxLength ?? Infinity) < 1_000;
  if (!hasForm && !(isShort && found.origin === 'customer')) return;
  const what = `${activityName(step)} may refuse this "${key}", which comes from "${found.path}": a stranger chose it.`;
  reportHazard(
    { place: { path }, what, failures: ['InputInvalid', ...(refusal === undefined ? [] : [refusal])] },
    step,
  );
}

function reportIssue(issue: Issue, input: z.ZodObject, given: Json, path: Path, step: ActionCheck): void {
  if (issue.code === 'unrecognized_keys') {
    if (isWithinOperation(given, issue.path)) return;
    for (const key of issue.keys) reportUnknownInput(key, issue.path, input, path, step);
    return;
  }
  const value = valueAt(given, issue.path);
  if (isComputed(given, issue.path)) return; // Its value is known only at run time.
  const at = [...path, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
  const name = at.slice(path.length).join('.');
  if (value === undefined) {
    step.report.add('KAIT1402', { path: at }, `${activityName(step)} requires the input "${name}".`);
    return;
  }
  step.report.add(
    'KAIT1404',
    { path: at },
    `${activityName(step)} does not accept this "${name}": ${reasonOf(issue)}.`,
  );
}

/** Whether the value, or something around it, is the result of a template. */
function isComputed(given: Json, path: readonly PropertyKey[]): boolean {
  const value = valueAt(given, path);
  if (value !== undefined) return !isLiteral(value);
  return path.some((_key, length) => {
    const around = valueAt(given, path.slice(0, length));
    return around !== undefined && (typeof around === 'string' ? !isLiteral(around) : isOperation(around));
  });
}

/** Whether a value around a member, or the one that has it, is computed, so that it is known only at run time. */
function isWithinOperation(given: Json, path: readonly PropertyKey[]): boolean {
  return [...path.keys(), path.length].some((length) => {
    const around = valueAt(given, path.slice(0, length));
    return around !== undefined && isOperation(around);
  });
}

function reportUnknownInput(
  key: string,
  within: readonly PropertyKey[],
  input: z.ZodObject,
  path: Path,
  step: ActionCheck,
): void {
  const around = within.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const names = namesIn(shapeOf(input, 'input'), around);
  const hint = didYouMean(key, () => names, names.length === 0 ? undefined : `It takes: ${names.join(', ')}.`);
  const name = [...around, key].join('.');
  step.report.add(
    'KAIT1403',
    { path: [...path, ...around, key], on: 'key' },
    `${activityName(step)} has no input "${name}".`,
    hint,
  );
}

/** The members that a value at this place may have, as far as that is known. */
function namesIn(shape: JsonShape, [part, ...rest]: readonly (string | number)[]): string[] {
  if (part === undefined) return Object.keys(shape.properties ?? {});
  const inner = memberOf(shape, String(part));
  return inner.kind === 'known' ? namesIn(inner.shape, rest) : [];
}

/** A path to a text can never give a number. */
function checkPathTypes(
  input: JsonShape,
  given: Json,
  path: Path,
  step: ActionCheck,
  within: readonly string[] = [],
): void {
  for (const { key, value, path: at } of membersOf(given, path)) {
    const inner = memberOf(input, key);
    if (inner.kind !== 'known') continue;
    const expected = typesOf(inner.shape);
    if (isObject(value) && !isOperation(value)) {
      checkPathTypes(inner.shape, value, at, step, [...within, key]);
      continue;
    }
    const shape = shapeOfTemplate(value, step);
    const actual = shape === undefined ? undefined : typesOf(shape);
    if (expected === undefined || actual === undefined) continue;
    actual.delete('null'); // Almost every path may be null.
    if (actual.size === 0 || [...actual].some((type) => expected.has(type))) continue;
    const message = `${activityName(step)} expects ${[...expected].join(' or ')} as "${[...within, key].join('.')}", got a path to ${[...actual].join(' or ')}.`;
    step.report.add('KAIT1404', { path: at }, message);
  }
}

function activityName({ step }: ActionCheck): string {
  const name = step.call ?? step.emit;
  return typeof name === 'string' ? name : 'the activity';
}

/** The message of zod ("Invalid input: expected int, received string"), starting in lower case. */
function reasonOf({ message }: Issue): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
