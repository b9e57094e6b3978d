import { eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Definition } from '../../language/definition.ts';
import type { JsonObject } from '../../language/json.ts';
import { stepsOf } from '../../language/plan.ts';
import type { Database } from '../../storage/database.ts';
import { definitions } from '../../storage/schema.ts';
import { ApiProblem, type ProblemDetail } from '../api/problem.ts';

/** What the server knows of activities, by name. */
export type ActivityInputs = Readonly<Record<string, { input: z.ZodType }>>;

/** The activities behind verbs. */
const ofVerbs = { http: 'http.request', emit: 'outbound.emit' } as const;

/**
 * Checks the input that an operator gives to a step before the run gets it. Throws an {@link ApiProblem} that says what is wrong, without the
 * values. False: this server does not know the definition or the activity, so the worker decides.
 */
export async function checkEditedInput(
  { database, activities }: { database: Database; activities: ActivityInputs },
  { definitionHash, step, input }: { definitionHash: string; step: string; input: JsonObject },
): Promise<boolean> {
  const name = await activityOf(database, definitionHash, step);
  const activity = name !== null && Object.hasOwn(activities, name) ? activities[name] : undefined;
  if (activity === undefined) return false;
  const parsed = parsedAtOnce(activity.input, input);
  if (parsed === null) return false;
  if (!parsed.success) throw misfit(name ?? '', parsed.error);
  return true;
}

/** Null: not known, or the step calls none. */
async function activityOf({ orm }: Database, hash: string, key: string): Promise<string | null> {
  const [row] = await orm.select({ json: definitions.json }).from(definitions).where(eq(definitions.hash, hash));
  if (row === undefined) return null;
  const definition = row.json as Definition; // Kait has checked it before it stored it.
  const step = stepsOf(definition).find(({ id }) => id === key.split('/', 1)[0]);
  if (step === undefined) return null;
  if ('call' in step) return step.call;
  if ('http' in step) return ofVerbs.http;
  return 'emit' in step ? ofVerbs.emit : null;
}

/** A schema of a project may throw, or be asynchronous. Then only the activity itself can tell. */
function parsedAtOnce(schema: z.ZodType, input: JsonObject) {
  try {
    return schema.safeParse(input);
  } catch {
    return null;
  }
}

const mostErrors = 20;

function misfit(activity: string, { issues }: z.ZodError): ApiProblem {
  const errors = issues.slice(0, mostErrors).map(({ path, message }): ProblemDetail => {
    const pointer = ['input', ...path.map(String)].map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'));
    return { detail: message, pointer: `#/${pointer.map(encodeURIComponent).join('/')}` };
  });
  const all = issues.slice(0, mostErrors).map(({ path, message }) => {
    return path.length === 0 ? message : `\`${path.map(String).join('.')}\`: ${message}`;
  });
  return new ApiProblem(422, 'input-invalid', `The input does not fit ${activity}: ${all.join('; ')}`, { errors });
}
