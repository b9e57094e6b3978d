import type { z } from 'zod';
import type { FindingCode } from '../codes.ts';
import { type Json, valueAt } from '../json.ts';
import { didYouMean, type Hint, type Path, type Report } from './report.ts';
import { formOfPattern } from './texts.ts';
import { shortened } from '../printable.ts';

type Issue = z.core.$ZodIssue;

/**
 * Checks a value against a strict schema and reports every difference in the words of the language. `what` names the value
 * in messages: `this step`. The schema leaves out steps within steps; each is checked by the schema of its own verb.
 */
export function checkForm(schema: z.ZodObject, value: Json, path: Path, what: string, report: Report): void {
  const result = schema.safeParse(value);
  if (result.success) return;
  for (const issue of result.error.issues.flatMap(openUnion)) {
    reportIssue({ issue, value: valueAt(value, issue.path), path: [...path, ...keysOf(issue)], what, schema, report });
  }
}

interface IssueAt {
  issue: Issue;
  /** Undefined: it is missing. */
  value: Json | undefined;
  path: Path;
  what: string;
  schema: z.ZodObject;
  report: Report;
}

/** Reports only the alternative of a union that has the type of the value: the author meant that one. */
function openUnion(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find(
    (errors) => !errors.some((error) => error.code === 'invalid_type' && error.path.length === 0),
  );
  return meant?.flatMap((error) => openUnion({ ...error, path: [...issue.path, ...error.path] })) ?? [issue];
}

function reportIssue(at: IssueAt): void {
  const { issue, value, path, report } = at;
  if (value === undefined && issue.code !== 'unrecognized_keys') return reportType(at);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) reportUnknown(key, at);
      return;
    case 'invalid_format':
      return reportText(at, issue.pattern);
    case 'custom':
      return report.add('KAIT1111', { path }, `${quoted(value)} is too long.`, 'The longest is 365d.');
    case 'too_small':
    case 'too_big':
    case 'invalid_value':
      return reportRange(at);
    case 'invalid_key':
      return reportKey(at);
    case 'invalid_type':
    case 'invalid_union':
    case 'invalid_element':
    case 'not_multiple_of':
      return reportType(at);
  }
}

function reportType({ issue, value, path, what, report }: IssueAt): void {
  const owner = subject({ path: issue.path.slice(0, -1) }, what);
  if (value === undefined && Object.hasOwn(missingLimits, String(path.at(-1)))) {
    const [code, message, hint] = missingLimits[String(path.at(-1))] ?? ['KAIT1102', '', ''];
    return report.add(code, { path }, message, hint);
  }
  if (value === undefined)
    return report.add('KAIT1102', { path }, `"${String(path.at(-1))}" is missing from ${owner}.`);
  const message = `${asStart(subject(issue, what))} must be ${expectedType(issue)}, got ${kindOf(value)}.`;
  report.add('KAIT1103', { path }, message);
}

/** Required limits have findings of their own, which say why. */
const missingLimits: Record<string, [code: FindingCode, message: string, hint: string]> = {
  timeout: ['KAIT1115', 'This step waits without a limit.', 'Add "timeout", such as "24h".'],
  max: ['KAIT1116', 'This loop may never end.', 'Add "max", such as 10.'],
};

function reportUnknown(key: string, { issue, path, what, schema, report }: IssueAt): void {
  const place = { path: [...path, key], on: 'key' } as const;
  if (key === 'undo' || key === 'undoWhen') {
    const hint = 'Only a call, http, emit or run can have an "undo".';
    return report.add('KAIT1114', place, 'This step has no effect that could be undone.', hint);
  }
  const hint = didYouMean(key, () => knownKeys(schema, path));
  report.add('KAIT1101', place, `"${key}" is not a property of ${subject(issue, what)}.`, hint);
}

const innerNames = [
  ...['attempts', 'first', 'factor', 'max', 'except', 'until'],
  ...['in', 'as', 'concurrency', 'join', 'onItemError', 'collect', 'when', 'do', 'errors', 'event', 'source', 'if'],
];

/** The keys of inner objects such as `retry` are not known by path. For a guess, the names of all levels are good enough. */
function knownKeys(schema: z.ZodObject, path: Path): string[] {
  const own = Object.keys(schema.shape);
  return path.length === 0 ? own : [...own, ...innerNames];
}

function reportText({ issue, value, path, what, report }: IssueAt, pattern: string | undefined): void {
  const form = formOfPattern(pattern);
  const message = `${quoted(value)} is not allowed as ${subject(issue, what)}.`;
  report.add(
    form?.code ?? 'KAIT1104',
    { path },
    message,
    form === undefined ? undefined : `Expected: ${form.expected}.`,
  );
}

function reportKey({ path, report }: IssueAt): void {
  const name = String(path.at(-1));
  report.add(
    'KAIT1109',
    { path, on: 'key' },
    `"${name}" is not allowed as a name.`,
    'Expected: a letter, then letters, digits, - or _.',
  );
}

function reportRange({ issue, value, path, what, report }: IssueAt): void {
  const name = asStart(subject(issue, what));
  if (issue.code === 'too_small' && Array.isArray(value)) {
    return report.add('KAIT1105', { path }, `${name} is an empty list.`, 'Remove it, or add an item.');
  }
  const unit = Array.isArray(value) ? ' items' : typeof value === 'string' ? ' characters' : '';
  if (issue.code === 'too_small') {
    return report.add('KAIT1104', { path }, `${name} must be at least ${issue.minimum}${unit}.`);
  }
  if (issue.code === 'too_big') {
    return report.add('KAIT1104', { path }, `${name} must be at most ${issue.maximum}${unit}.`);
  }
  report.add('KAIT1104', { path }, `${name} does not allow ${quoted(value)}.`, allowedValues(issue, value));
}

function allowedValues(issue: Issue, value: Json | undefined): Hint | undefined {
  if (issue.code !== 'invalid_value') return undefined;
  const values = issue.values.map(String);
  return didYouMean(typeof value === 'string' ? value : '', () => values, `Expected one of: ${values.join(', ')}.`);
}

function keysOf(issue: Issue): (string | number)[] {
  return issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
}

/** As the first word of a sentence. */
function asStart(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function subject({ path }: Pick<Issue, 'path'>, what: string): string {
  const last = path.findLast((part) => typeof part === 'string');
  return last === undefined ? what : `"${last}"`;
}

const typeNames: Record<string, string> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function expectedType(issue: Issue): string {
  if (issue.code === 'invalid_type') return typeNames[issue.expected] ?? issue.expected;
  if (issue.code !== 'invalid_union') return 'something else';
  const expected = issue.errors.flat().map(expectedType);
  return [...new Set(expected)].join(' or ');
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeNames[typeof value] ?? typeof value;
}

function quoted(value: Json | undefined): string {
  return shortened(value === undefined ? 'nothing' : JSON.stringify(value), 60);
}
