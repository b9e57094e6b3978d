import { z } from 'zod';
import type { CallContext } from '../language/definition.ts';
import { type ActivityInput, type ActivityName, engineActivity } from './engine-activities.ts';
import { activityFailure } from './failure-types.ts';

const contextSchema = z.object({
  idempotencyKey: z.string().min(1).max(2000),
  source: z.string(),
  eventId: z.string(),
  definition: z.string().optional(),
});

/** Checks a step's input to the activity `name`. Throws `InputInvalid`, which names every wrong field but shows no value. */
export function parseInput<Name extends ActivityName>(name: Name, input: unknown): ActivityInput<Name> {
  // TypeScript does not tie a looked-up schema to `Name`.
  return parseShape(name, engineActivity(name).input, input) as ActivityInput<Name>;
}

/** Like {@link parseInput}, for an activity that is no part of Kait. */
export function parseShape<Shape extends z.ZodType>(name: string, shape: Shape, input: unknown): z.output<Shape> {
  const parsed = parsedAtOnce(name, shape, input);
  if (!parsed.success) throw inputInvalid(name, parsed.error);
  return parsed.data;
}

/** The schema's own functions may throw or return a promise. Another attempt would meet the same. */
function parsedAtOnce<Shape extends z.ZodType>(name: string, shape: Shape, input: unknown) {
  try {
    return shape.safeParse(input);
  } catch {
    throw activityFailure('InputInvalid', `${name}: a refinement or transform of the input throws or is asynchronous`);
  }
}

/** Checks an activity's second argument. An empty key is invalid: different effects would count as one. */
export function parseContext(name: string, context: unknown): CallContext {
  const parsed = contextSchema.safeParse(context);
  if (!parsed.success) throw inputInvalid(name, parsed.error);
  return parsed.data;
}

function inputInvalid(name: string, error: z.ZodError) {
  const findings = error.issues.map((issue) => {
    const field = issue.path.map(String).join('.');
    return field === '' ? issue.message : `\`${field}\`: ${issue.message}`;
  });
  return activityFailure('InputInvalid', `${name}: ${findings.join('; ')}`);
}
