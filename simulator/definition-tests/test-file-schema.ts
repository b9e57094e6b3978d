import { z } from 'zod';
import { eventSchema } from '../../language/check/event.ts';

/*
 * The form of `<name>.test.json`, and of what it shares with the files that `kait simulate` takes. What a schema leaves open
 * (`z.unknown()`) is anything, or checked by hand.
 */

const payment = eventSchema.shape.payment.unwrap();
const anything = z.unknown().optional();

const partialPaymentSchema = payment
  .omit({ customer: true })
  .partial()
  .extend({ customer: payment.shape.customer.partial().optional() });

/** An event of which only some members are given. */
const partialEventSchema = eventSchema
  .omit({ payment: true, data: true })
  .partial()
  .extend({ payment: partialPaymentSchema.nullable().optional(), data: anything });

const elapsed = z.string().meta({ description: 'Since the run began: +2h, +1h 30m.' });
const path = z.string().meta({ description: 'A step id; in loops with the index behind it: pay/3.' });

const scriptEntrySchema = z.strictObject({
  at: elapsed,
  event: partialEventSchema
    .optional()
    .meta({ description: 'A later event. What is not given is as in the event that started the run.' }),
  decide: z
    .strictObject({ step: path, approved: z.boolean(), by: z.string(), comment: z.string().optional() })
    .optional()
    .meta({ description: 'Answers an approve step.' }),
  steer: z
    .strictObject({ retry: path.optional(), skip: path.optional(), result: path.optional(), value: anything })
    .optional()
    .meta({ description: 'Tells a parked step how to go on: retry, skip, or result with value as its output.' }),
  cancel: z.literal(true).optional().meta({ description: 'Cancels the run.' }),
});

const mockErrorSchema = z.strictObject({
  type: z.string().min(1),
  message: z.string().optional(),
  retryable: z.boolean().optional(),
});

const stepStatus = z.enum(['pending', 'running', 'parked', 'done', 'skipped', 'failed', 'timedOut', 'canceled']);

const stepExpectationSchema = z.strictObject({
  status: stepStatus.optional(),
  endedAt: elapsed.optional(),
  input: anything,
  output: anything,
  attempts: z.int().min(0).optional().meta({ description: 'How many there were.' }),
  error: z.strictObject({ type: z.string().optional(), message: z.string().optional() }).optional(),
});

const expectationSchema = z.strictObject({
  triggered: z.boolean().optional().meta({ description: 'Whether the event starts a run. Default true.' }),
  status: z.enum(['completed', 'failed', 'canceled', 'stuck']).optional(),
  output: z.unknown().optional().meta({ description: 'Of objects only the members that are given are compared.' }),
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
    .meta({ description: 'Every step in the order in which they began: "order done", "refund timedOut +24h".' }),
  steps: z.record(z.string(), stepExpectationSchema).optional().meta({ description: 'More about single steps.' }),
  undo: z.array(z.string()).optional().meta({ description: 'What is undone, in that order; "order failed".' }),
});

const testSchema = z.strictObject({
  name: z.string().min(1).max(200).meta({ description: 'A sentence that says what happens.' }),
  event: partialEventSchema.optional().meta({ description: 'What starts the run. What is not given is filled in.' }),
  vars: z.record(z.string(), z.unknown()).optional().meta({ description: 'As a run step passes them in "with".' }),
  mocks: z.record(z.string(), z.unknown()).optional().meta({
    description: 'Answers by step: a list is used up one attempt after the other; {"error": …}, {"result": …}.',
  }),
  events: z.array(scriptEntrySchema).optional().meta({ description: 'What reaches the run later.' }),
  expect: expectationSchema,
});

const testFileSchema = z.strictObject({
  $schema: z.string().optional(),
  tests: z.array(testSchema).min(1).max(1_000),
});

const object = z.looseObject({});
const list = z.array(z.unknown());

/**
 * Each part by itself, what is within open: a mistake is told in the words of the part that it is in. The parts within have to
 * be checked as well.
 */
export const partSchemas = {
  file: testFileSchema.extend({ tests: list.min(1).max(1_000) }),
  test: testSchema.extend({ event: object.optional(), events: list.optional(), expect: object }),
  event: partialEventSchema.extend({ payment: object.nullable().optional() }),
  payment: partialPaymentSchema,
  entry: scriptEntrySchema.extend({ event: object.optional() }),
  expectation: expectationSchema.extend({ steps: z.record(z.string(), object).optional() }),
  step: stepExpectationSchema,
  mockError: mockErrorSchema,
};

/** The text of the JSON Schema for editors. Draft 7, as for definitions. */
export function testFileJsonSchema(): string {
  const schema = z.toJSONSchema(testFileSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ ...schema, title: 'Tests of a Kait workflow definition' }, null, 2)}\n`;
}
