import { z } from 'zod';
import type { Json } from '../../language/json.ts';
import type { RunDetails, StepDetails } from '../../language/run-details.ts';

/*
 * What a run tells about itself. A run that somebody else has started may tell anything, so its answer is checked.
 */

const instant = z.iso.datetime();
const statuses = ['pending', 'running', 'done', 'skipped', 'failed', 'timedOut', 'canceled', 'parked'] as const;

type Steps = z.ZodArray<z.ZodType<StepDetails>>;

/** It was read as JSON. A schema of its own would add nothing. */
const json = z.unknown() as unknown as z.ZodType<Json>;

export const shownValue = z
  .union([
    z.object({ value: json }),
    z.object({
      beginning: z.string().describe('The beginning of its JSON.'),
      bytes: z.int().describe('The length of its JSON.'),
    }),
  ])
  .meta({ id: 'ShownValue', description: 'A value, or the beginning of a large one. Secrets are masked.' });

const step = z
  .object({
    id: z.string(),
    verb: z.string(),
    title: z.string(),
    what: z.string().nullable().describe('The activity, the event type or the duration.'),
    status: z.enum(statuses),
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    until: instant.nullable().describe('How long it waits or stays parked at most.'),
    error: z.string().nullable(),
    items: z
      .object({ count: z.int().nullable(), done: z.int(), failed: z.int() })
      .nullable()
      .describe('Passes of a loop.'),
    inDoubt: z.boolean().describe('Whether it may have had its effect although it failed.'),
    undone: z.enum(['done', 'failed', 'left']).nullable().describe('What became of its effect.'),
    child: z.string().nullable().describe('The run that it has started.'),
    input: shownValue.nullable().describe('Null: none, not kept any more, or too large.'),
    output: shownValue.nullable(),
    open: z
      .array(z.object({ key: z.string(), steps: z.array(z.object({ id: z.string(), status: z.enum(statuses) })) }))
      .describe('Passes of a loop that are under way, at most ten.'),
    get branches(): z.ZodArray<z.ZodObject<{ label: z.ZodString; steps: Steps }>> {
      return z.array(z.object({ label: z.string(), steps }));
    },
  })
  .meta({ id: 'RunStep' });
const steps: Steps = z.array(step).meta({ id: 'RunSteps' });

const decision = z
  .object({
    key: z.string(),
    step: z.string(),
    position: z.string().describe('Which condition of the step: `if`, `while`, `case 2`, `where`.'),
    value: z.boolean(),
    because: z.string().describe('The condition with the values that it saw.'),
    at: instant,
  })
  .meta({ id: 'RunDecision' });

/** The answer to the query `details`. */
export const runDetailsShape = {
  steps,
  others: z
    .array(z.object({ label: z.string(), steps }))
    .describe('The lists of steps that run only at the deadline of the run or after undoing.'),
  commandable: z
    .array(z.object({ key: z.string(), state: z.enum(['parked', 'calling', 'waiting']) }))
    .describe('Steps that take commands now, at most fifty.'),
  asking: z.array(z.string()).describe('Steps that wait for answers of people.'),
  decisions: z.array(decision).describe('The last ones, at most ten of each step.'),
  remembersSince: instant.nullable().describe('Since when decisions and inputs are known, if not since its start.'),
  paused: z.object({ by: z.string().nullable(), reason: z.string().nullable(), at: instant }).nullable(),
  failure: z.object({ type: z.string(), message: z.string(), step: z.string().nullable() }).nullable(),
  notes: z.array(z.string()).describe('What the run dropped, and why.'),
  retryOf: z.string().nullable().describe('The run that this one goes on from.'),
  definitionHash: z.string(),
};

export const runDetailsSchema: z.ZodType<RunDetails> = z.object(runDetailsShape);
