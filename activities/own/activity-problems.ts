import { z } from 'zod';
import { suggest } from '../../language/closest.ts';
import { maxDurationMs, parseDuration } from '../../language/time.ts';
import { isBehindVerb } from '../engine-activities.ts';

const namePattern = /^[a-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*$/;
const longestName = 100;

/** Of Kait's own steps and of the SDK. Definitions cannot call them. */
const internalName = /^(?:default$|gateway\.|outbound\.|runs\.|waits\.)/;

const positive = z.string().refine(isPositive, 'expected a duration from 1ms to 365d, such as 30s or 5m');
const errorType = z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'expected a type of errors, such as CardDeclined');

const options = z.strictObject({
  name: z
    .string()
    .max(longestName)
    .regex(namePattern, 'expected words and dots, such as points.add')
    .refine((name) => !isReserved(name), 'is a name of Kait’s own. Choose another'),
  title: z.string().trim().min(1, 'expected a short text').max(200),
  input: z.unknown(),
  output: z.unknown(),
  example: z.unknown().optional(),
  kind: z.enum(['database', 'network']),
  timeout: positive.optional(),
  heartbeat: positive.optional(),
  retry: z
    .strictObject({
      attempts: z.int().min(1).max(1_000).optional(),
      first: positive.optional(),
      factor: z.number().min(1).max(100).optional(),
      max: positive.optional(),
      except: z.array(errorType).max(50).optional(),
    })
    .optional(),
  money: z.boolean().optional(),
  errors: z.record(errorType, z.string().trim().min(1, 'expected what the type means').max(500)).optional(),
  run: z.custom((value) => typeof value === 'function', 'expected a function'),
});

/** Everything about an activity that cannot work, one sentence without a full stop for each. */
export function activityProblems(given: unknown): string[] {
  const parsed = options.safeParse(given);
  const found = parsed.error?.issues.flatMap((issue) => sentencesOf(issue)) ?? [];
  if (typeof given !== 'object' || given === null) return found;
  const { input, output, example } = given as { input?: unknown; output?: unknown; example?: unknown };
  const inInput = schemaProblems('input', input);
  return [
    ...found,
    ...inInput,
    ...schemaProblems('output', output),
    ...(example === undefined || inInput.length > 0 ? [] : exampleProblems(input as z.ZodObject, example)),
  ];
}

function exampleProblems(input: z.ZodObject, example: unknown): string[] {
  const { error } = input.safeParse(example);
  return (error?.issues ?? []).map(
    ({ path, message }) => `\`${['example', ...path].map(String).join('.')}\`: ${message}`,
  );
}

function sentencesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const all =
        issue.path[0] === 'retry' ? ['attempts', 'first', 'factor', 'max', 'except'] : Object.keys(options.shape);
      return `There is no option \`${[...issue.path, key].join('.')}\`. ${suggest(key, all, `There are: ${all.join(', ')}`)}`;
    });
  }
  const at = issue.path.map(String).join('.');
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => `\`${at}\`: ${message}`);
  return [at === '' ? issue.message : `\`${at}\`: ${issue.message}`];
}

/** Whether the interpreter or a verb needs the activity of this name as it is. */
function isReserved(name: string): boolean {
  return internalName.test(name) || isBehindVerb(name);
}

/** As much of a schema as is the same in every version 4 of zod, whichever copy of it made the schema. */
interface AnySchema {
  _zod?: { def?: { type?: unknown; catchall?: AnySchema }; version?: { major: number; minor: number; patch: number } };
  _def?: unknown;
}

function schemaProblems(name: 'input' | 'output', value: unknown): string[] {
  const expected = name === 'input' ? 'z.strictObject({ … })' : 'z.object({ … })';
  const wrong = (why: string) => [`\`${name}\`: ${why}`];
  if (typeof value !== 'object' || value === null) return wrong(`expected ${expected}`);
  const { _zod: internals, _def: old } = value as AnySchema;
  if (internals?.def === undefined) {
    return wrong(old === undefined ? `expected ${expected} of zod` : 'this schema was made by zod 3. Use zod 4');
  }
  if (internals.def.type !== 'object')
    return wrong(`expected ${expected}, got a schema of ${String(internals.def.type)}`);
  if (name === 'input' && internals.def.catchall?._zod?.def?.type !== 'never') {
    return wrong('use z.strictObject, so that a misspelled name in a definition is found');
  }
  if (isAsync(value))
    return wrong('it has an asynchronous refinement or transform. Check that in `run`, and throw a PermanentError');
  return jsonProblems(name, value as z.ZodObject, internals.version);
}

/** Whether a schema has an async function in it. Definitions are checked at once, without waiting for anything. */
function isAsync(part: unknown, seen = new Set<unknown>()): boolean {
  if (typeof part === 'function') return Object.prototype.toString.call(part) === '[object AsyncFunction]';
  if (typeof part !== 'object' || part === null || seen.has(part)) return false;
  seen.add(part);
  const { _zod: internals } = part as AnySchema;
  const members = internals === undefined ? part : (internals.def ?? {});
  return Object.values(members).some((member) => isAsync(member, seen));
}

/** What steps pass on is JSON, and the checker and editors read it as JSON Schema. */
function jsonProblems(
  name: 'input' | 'output',
  schema: z.ZodObject,
  version: { major: number; minor: number; patch: number } | undefined,
): string[] {
  try {
    z.toJSONSchema(schema, { target: 'draft-7', io: name, unrepresentable: 'throw' });
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const other = version !== undefined && `${version.major}.${version.minor}` !== ownVersion();
    const remedy = other
      ? `. The schema was made by zod ${version.major}.${version.minor}.${version.patch}; import \`z\` from 'kait' to use Kait's`
      : '. What steps pass on is JSON';
    return [`\`${name}\`: ${why.split('\n')[0] ?? ''}${remedy}`];
  }
}

function ownVersion(): string {
  const { major, minor } = z.unknown()._zod.version;
  return `${major}.${minor}`;
}

function isPositive(text: string): boolean {
  try {
    const ms = parseDuration(text);
    return ms > 0 && ms <= maxDurationMs;
  } catch {
    return false;
  }
}
