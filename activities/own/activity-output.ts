import type { z } from 'zod';
import type { Mask } from '../../http/mask-secrets.ts';
import type { Json } from '../../language/json.ts';
import { runLimits } from '../../language/verbs.ts';
import { activityFailure } from '../failure-types.ts';

/** A `database` activity is a local one. */
const largestBytes = { database: runLimits.localResultBytes, network: 256 * 1_024 };
const deepest = 64;

/**
 * What an attempt returned, as later steps find it: as the schema says, JSON, and without secrets. Throws `OutputInvalid`. Only a
 * `database` activity has changed nothing then.
 */
export function outputOf(
  { name, output: schema, kind }: { name: string; output: z.ZodType; kind: 'database' | 'network' },
  returned: unknown,
  mask: Mask,
): Json {
  const refuse = (why: string) =>
    activityFailure('OutputInvalid', `${name}: ${mask.text(why)}`, {
      effect: kind === 'database' ? 'none' : 'unknown',
    });
  const parsed = parsedAtOnce(schema, returned, refuse);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `\`${['output', ...path.map(String)].join('.')}\`: ${message}`,
    );
    throw refuse(faults.slice(0, 10).join('; '));
  }
  const wrong = nonJson(parsed.data, 'output', 0);
  if (wrong !== null) throw refuse(`${wrong}. An output is JSON`);
  const text = JSON.stringify(parsed.data);
  if (Buffer.byteLength(text) > largestBytes[kind]) {
    throw refuse(`the output takes ${Buffer.byteLength(text)} bytes, and at most ${largestBytes[kind]} fit`);
  }
  return mask.document(JSON.parse(text)) as Json; // Only its texts differ.
}

/** The schema's own functions may throw or return a promise. Another attempt would meet the same. */
function parsedAtOnce(schema: z.ZodType, returned: unknown, refuse: (why: string) => Error) {
  try {
    return schema.safeParse(returned);
  } catch {
    throw refuse('a refinement or transform of the output throws or is asynchronous');
  }
}

/** What is not JSON, and where; null if all is. A member that is undefined counts as left out. */
function nonJson(value: unknown, at: string, depth: number): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `\`${at}\` is ${value}`;
  if (typeof value !== 'object')
    return `\`${at}\` is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}`;
  if (depth > deepest) return `\`${at}\` is nested too deeply`;
  if (Array.isArray(value))
    return firstOf(value.map((item, index) => () => nonJson(item, `${at}.${index}`, depth + 1)));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return `\`${at}\` is a ${value.constructor.name}`;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return firstOf(
    members.map(
      ([key, member]) =>
        () =>
          nonJson(member, `${at}.${key}`, depth + 1),
    ),
  );
}

function firstOf(checks: (() => string | null)[]): string | null {
  for (const check of checks) {
    const wrong = check();
    if (wrong !== null) return wrong;
  }
  return null;
}
