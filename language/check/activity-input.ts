import type { z } from 'zod';
import { isObject, type Json, valueAt } from '../json.ts';
import { type ActionCheck, type ActivityType, membersOf } from './context.ts';
import { originOfTemplate, reportHazard } from './stranger.ts';
import { didYouMean, type Path } from './report.ts';
import { shapeOf, typesOf, type JsonShape } from './json-shape.ts';
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
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    for (const key of issue.keys)
      reportUnknownInput(key, Object.keys(shapeOf(input, 'input').properties ?? {}), path, step);
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

function reportUnknownInput(key: string, names: string[], path: Path, step: ActionCheck): void {
  const hint = didYouMean(key, () => names, `It takes: ${names.join(', ')}.`);
  step.report.add(
    'KAIT1403',
    { path: [...path, key], on: 'key' },
    `${activityName(step)} has no input "${key}".`,
    hint,
  );
}

/** A path to a text can never give a number. */
function checkPathTypes(input: JsonShape, given: Json, path: Path, step: ActionCheck): void {
  for (const { key, value, path: at } of membersOf(given, path)) {
    const expected = typesIn(input, key);
    const shape = shapeOfTemplate(value, step);
    const actual = shape === undefined ? undefined : typesOf(shape);
    if (expected === undefined || actual === undefined) continue;
    actual.delete('null'); // Almost every path may be null.
    if (actual.size === 0 || [...actual].some((type) => expected.has(type))) continue;
    const message = `${activityName(step)} expects ${[...expected].join(' or ')} as "${key}", got a path to ${[...actual].join(' or ')}.`;
    step.report.add('KAIT1404', { path: at }, message);
  }
}

function typesIn({ properties = {} }: JsonShape, key: string): Set<string> | undefined {
  const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
  return property === undefined ? undefined : typesOf(property);
}

function activityName({ step }: ActionCheck): string {
  const name = step.call ?? step.emit;
  return typeof name === 'string' ? name : 'the activity';
}

/** The message of zod ("Invalid input: expected int, received string"), starting in lower case. */
function reasonOf({ message }: Issue): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
