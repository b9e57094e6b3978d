import type { z } from 'zod';
import type { ActivityTypes } from '../language/check.ts';
import { shapeOf, type JsonShape } from '../language/check/json-shape.ts';
import type { Json, JsonObject } from '../language/json.ts';

/** A call of an activity that has no mock. */
export interface AskedActivity {
  activity: string;
  /** The step's path, which keeps made-up ids apart: `order`, `pay/3`. */
  path: string;
  input: JsonObject;
}

/**
 * Makes up the outputs of activities without a mock. Deterministic, and in the shape of the activity's output: a member with the
 * name of an input has its value, an id is `<path>-id`, booleans are true, numbers are 1, lists are empty. `http.request` answers
 * 200 or the first expected status, with an empty object and no headers. Null for an unknown activity.
 */
export function createMadeUpOutput(activities: ActivityTypes): (asked: AskedActivity) => Json {
  return (asked) => {
    if (asked.activity === 'http.request') return httpAnswer(asked.input);
    const type = Object.hasOwn(activities, asked.activity) ? activities[asked.activity] : undefined;
    return type === undefined ? null : valueOf(shapeOf(type.output), asked, '');
  };
}

/** A value of that shape. `path` keeps made-up texts apart. */
export function madeUpValue(shape: JsonShape, path: string): Json {
  return valueOf(shape, { activity: '', path, input: {} }, '');
}

function httpAnswer({ expect }: JsonObject): Json {
  return { status: Array.isArray(expect) ? (expect[0] ?? 200) : 200, body: {}, headers: {} };
}

function valueOf(shape: JsonShape, asked: AskedActivity, name: string): Json {
  const { const: constant, enum: values, anyOf, type, properties = {} } = shape;
  if (constant !== undefined) return constant as Json; // Constants in a JSON schema are JSON.
  if (values !== undefined) return (values[0] ?? null) as Json; // So are its enums.
  if (anyOf?.[0] !== undefined) return valueOf(anyOf[0], asked, name);
  const input = Object.hasOwn(asked.input, name) ? asked.input[name] : undefined;
  const [kind] = [type].flat();
  if (kind === 'object') {
    return Object.fromEntries(Object.entries(properties).map(([key, member]) => [key, valueOf(member, asked, key)]));
  }
  if (kind === 'array') return Array.isArray(input) ? input : itemsOf(shape, asked, name);
  if (kind === 'string')
    return typeof input === 'string' ? input : textOf(shape, `${asked.path}-${name === '' ? 'text' : name}`);
  if (kind === 'integer' || kind === 'number')
    return typeof input === 'number' ? input : Math.max(1, shape.minimum ?? 1);
  if (kind === 'boolean') return typeof input === 'boolean' ? input : true;
  return null;
}

/** As few as are allowed. */
function itemsOf({ items = {}, minItems = 0 }: JsonShape, asked: AskedActivity, name: string): Json[] {
  return Array.from({ length: Math.min(minItems, 100) }, () => valueOf(items, asked, name));
}

function textOf({ minLength = 0, maxLength = Infinity }: JsonShape, text: string): string {
  return text.padEnd(Math.min(minLength, 1_000), '-').slice(0, maxLength);
}

/** Null if the schema's own functions throw or return a promise, as the real activity says too. */
function parsedAtOnce(schema: z.ZodType, input: Json) {
  try {
    return schema.safeParse(input);
  } catch {
    return null;
  }
}

/** Why an activity would not accept its input, in the words of the real one; undefined if it would. */
export function inputFault(activities: ActivityTypes, activity: string, input: Json): string | undefined {
  const type = Object.hasOwn(activities, activity) ? activities[activity] : undefined;
  const parsed = type && parsedAtOnce(type.input, input);
  if (parsed === null) return `${activity}: a refinement or transform of the input throws or is asynchronous`;
  if (parsed === undefined || parsed.success) return undefined;
  const mistakes = parsed.error.issues.map(({ path, message }) => {
    return path.length === 0 ? message : `\`${path.map(String).join('.')}\`: ${message}`;
  });
  return `${activity}: ${mistakes.join('; ')}`;
}
