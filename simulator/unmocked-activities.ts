import type { ActivityTypes } from '../language/check.ts';
import { shapeOf, type JsonShape } from '../language/check/json-shape.ts';
import type { Json, JsonObject } from '../language/json.ts';

/** What an activity is asked, as far as its answer depends on it. */
export interface AskedActivity {
  activity: string;
  /** Of the step, in which ids are told apart: `order`, `pay/3`. */
  path: string;
  input: JsonObject;
}

/**
 * Answers in place of activities that nobody has mocked. Deterministic, and of the activity's output shape: what bears the name
 * of an input has its value, an id is `<path>-id`, true and false are true, numbers are 1, lists are empty. `http.request`
 * gets 200 or the first expected status, and an empty object. Null for an activity that is not known.
 */
export function createMadeUpOutput(activities: ActivityTypes): (asked: AskedActivity) => Json {
  return (asked) => {
    if (asked.activity === 'http.request') return httpAnswer(asked.input);
    const type = Object.hasOwn(activities, asked.activity) ? activities[asked.activity] : undefined;
    return type === undefined ? null : valueOf(shapeOf(type.output), asked, '');
  };
}

function httpAnswer({ expect }: JsonObject): Json {
  return { status: Array.isArray(expect) ? (expect[0] ?? 200) : 200, body: {} };
}

function valueOf(shape: JsonShape, asked: AskedActivity, name: string): Json {
  const { const: constant, enum: values, anyOf, type, properties = {} } = shape;
  if (constant !== undefined) return constant as Json; // A JSON schema's constant is JSON.
  if (values !== undefined) return (values[0] ?? null) as Json; // Likewise.
  if (anyOf?.[0] !== undefined) return valueOf(anyOf[0], asked, name);
  const input = Object.hasOwn(asked.input, name) ? asked.input[name] : undefined;
  const [kind] = [type].flat();
  if (kind === 'object') {
    return Object.fromEntries(Object.entries(properties).map(([key, member]) => [key, valueOf(member, asked, key)]));
  }
  if (kind === 'array') return Array.isArray(input) ? input : [];
  if (kind === 'string') return typeof input === 'string' ? input : `${asked.path}-${name === '' ? 'text' : name}`;
  if (kind === 'integer' || kind === 'number') return typeof input === 'number' ? input : 1;
  if (kind === 'boolean') return typeof input === 'boolean' ? input : true;
  return null;
}

/** Why an activity would refuse its input, in the words of the real one; undefined where it would not. */
export function inputRefusal(activities: ActivityTypes, activity: string, input: Json): string | undefined {
  const type = Object.hasOwn(activities, activity) ? activities[activity] : undefined;
  const parsed = type?.input.safeParse(input);
  if (parsed === undefined || parsed.success) return undefined;
  const mistakes = parsed.error.issues.map(({ path, message }) => {
    return path.length === 0 ? message : `\`${path.map(String).join('.')}\`: ${message}`;
  });
  return `${activity}: ${mistakes.join('; ')}`;
}
