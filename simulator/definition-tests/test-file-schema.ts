import { z } from 'zod';
import { eventSchema } from '../../language/event.ts';

/*
 * The form of `<name>.test.json`, shared in part with the files that `kait simulate` takes. Members that are `z.unknown()` are
 * checked by hand, or may be anything.
 */

const { payment, refund, dispute, payout, subscription } = eventSchema.shape;
const customerSchema = payment.unwrap().shape.customer.partial();
const customer = customerSchema.optional();
const anything = z.unknown().optional();

/** What an event is about, with members left out. */
const partialFacts = {
  payment: payment.unwrap().partial().extend({ customer }),
  refund: refund.unwrap().partial(),
  dispute: dispute.unwrap().partial(),
  payout: payout.unwrap().partial(),
  subscription: subscription.unwrap().partial().extend({ customer }),
};

/** An event that may leave members out. */
const partialEventSchema = eventSchema.partial().extend({
  payment: partialFacts.payment.nullable().optional(),
  refund: partialFacts.refund.nullable().optional(),
  dispute: partialFacts.dispute.nullable().optional(),
  payout: partialFacts.payout.nullable().optional(),
  subscription: partialFacts.subscription.nullable().optional(),
  data: anything,
});

const elapsed = z.string().meta({ description: 'Time since the run began: +2h, +1h 30m.' });
const path = z.string().meta({ description: 'A step id, in loops followed by the index: pay/3.' });

const scriptEntrySchema = z.strictObject({
  at: z.string().meta({ description: 'Time since the run began: +2h, +1h 30m. An event may have come before: -3s.' }),
  event: partialEventSchema
    .optional()
    .meta({ description: 'A later event. Missing members are taken from the event that started the run.' }),
  decide: z
    .strictObject({
      step: path,
      approved: z.boolean(),
      by: z.string(),
      reason: z.string().optional(),
      roles: z
        .array(z.string())
        .optional()
        .meta({ description: 'The roles of the person. definitions/people.json does not count in tests.' }),
    })
    .optional()
    .meta({ description: 'A person answers an approve step.' }),
  steer: z
    .strictObject({
      retry: path.optional(),
      skip: path.optional(),
      setResult: path.optional(),
      result: anything,
      editInput: path.optional(),
      input: z.record(z.string(), z.unknown()).optional(),
      pause: z.literal(true).optional(),
      resume: z.literal(true).optional(),
    })
    .optional()
    .meta({
      description:
        'What an operator does: retry, skip, setResult (to result) or editInput (to input) with the path of a step, or pause or resume the run.',
    }),
  cancel: z.literal(true).optional().meta({ description: 'Cancels the run.' }),
});

const mockErrorSchema = z.strictObject({
  type: z.string().min(1),
  message: z.string().optional(),
  retryable: z.boolean().optional(),
  inDoubt: z.boolean().optional(),
  status: z
    .int()
    .min(100)
    .max(599)
    .optional()
    .meta({ description: 'What an http step was answered, for error.status.' }),
  body: z.unknown().optional().meta({ description: 'For error.body; only with a status.' }),
  headers: z.record(z.string(), z.string()).optional().meta({ description: 'For error.headers; only with a status.' }),
});

const stepStatus = z.enum(['pending', 'running', 'parked', 'done', 'skipped', 'failed', 'timedOut', 'canceled']);

const stepExpectationSchema = z.strictObject({
  status: stepStatus.optional(),
  endedAt: elapsed.optional(),
  input: anything,
  output: anything,
  attempts: z.int().min(0).optional().meta({ description: 'The number of attempts.' }),
  error: z.strictObject({ type: z.string().optional(), message: z.string().optional() }).optional(),
});

const expectationSchema = z.strictObject({
  triggered: z.boolean().optional().meta({ description: 'Whether the event starts a run. Default true.' }),
  status: z.enum(['completed', 'failed', 'canceled', 'stuck']).optional(),
  output: z.unknown().optional().meta({ description: 'Only the given members of an object are compared.' }),
  error: z
    .strictObject({
      type: z.string().optional(),
      step: z.string().nullable().optional(),
      message: z.string().optional(),
    })
    .optional(),
  trace: z
    .array(z.string())
    .optional()
    .meta({ description: 'All steps in the order in which they began: "order done", "refund timedOut +24h".' }),
  steps: z.record(z.string(), stepExpectationSchema).optional().meta({ description: 'More about single steps.' }),
  undo: z.array(z.string()).optional().meta({
    description: 'The undone steps, in that order: "order", "order in doubt", either with " failed" if undoing failed.',
  }),
});

const testSchema = z.strictObject({
  name: z.string().min(1).max(200).meta({ description: 'A sentence that tells what happens.' }),
  event: partialEventSchema
    .optional()
    .meta({ description: 'The event that starts the run. Missing members are filled in.' }),
  vars: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'Variables, as a run step passes them in "with".' }),
  settings: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'Settings with other values than their defaults. The environment does not count in tests.' }),
  mocks: z.record(z.string(), z.unknown()).optional().meta({
    description:
      'Answers by step. A list gives one answer per attempt. An answer is an output, {"result": …} or {"error": …}.',
  }),
  events: z.array(scriptEntrySchema).optional().meta({ description: 'What happens to the run later.' }),
  expect: expectationSchema,
});

const testFileSchema = z.strictObject({
  $schema: z.string().optional(),
  tests: z.array(testSchema).min(1).max(1_000),
});

const object = z.looseObject({});
const objectOrNull = object.nullable().optional();
const list = z.array(z.unknown());

/**
 * Each part alone, with its inner parts left open, so that a mistake is reported in terms of the part that contains it. Inner
 * parts must be checked separately.
 */
export const partSchemas = {
  file: testFileSchema.extend({ tests: list.min(1).max(1_000) }),
  test: testSchema.extend({ event: object.optional(), events: list.optional(), expect: object }),
  event: partialEventSchema.extend({
    payment: objectOrNull,
    refund: objectOrNull,
    dispute: objectOrNull,
    payout: objectOrNull,
    subscription: objectOrNull,
  }),
  facts: {
    ...partialFacts,
    payment: partialFacts.payment.extend({ customer: object.optional() }),
    subscription: partialFacts.subscription.extend({ customer: object.optional() }),
  },
  customer: customerSchema,
  entry: scriptEntrySchema.extend({ event: object.optional() }),
  expectation: expectationSchema.extend({ steps: z.record(z.string(), object).optional() }),
  step: stepExpectationSchema,
  mockError: mockErrorSchema,
};

/** The JSON Schema for editors, as text. Draft 7, as for definitions. */
export function testFileJsonSchema(): string {
  const schema = z.toJSONSchema(testFileSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ ...schema, title: 'Tests of a Kait workflow definition' }, null, 2)}\n`;
}
