import { readFileSync } from 'node:fs';
import Ajv, { type ErrorObject } from 'ajv';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../activities/catalogue.ts';
import { workflowJsonSchema } from '../../language/json-schema.ts';
import { activityTypes } from './activity-types.ts';

const schema = JSON.parse(workflowJsonSchema(activityTypes)) as object;
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What an editor would underline: place and rule. Those of `if` only say which branch was taken. */
function underlined(definition: unknown): string[] {
  const validate = new Ajv({ allErrors: true }).compile(schema);
  void validate(definition);
  const errors: ErrorObject[] = validate.errors ?? [];
  return errors
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ dataPath, message }) => `${dataPath} ${message ?? ''}`);
}

const withStep = (step: object) => ({ name: 'a', on: { event: 'payment.succeeded' }, steps: [step] });

describe('the JSON Schema for editors', () => {
  it('is in the repository as the code makes it', () => {
    expect(read('schemas/workflow.schema.json')).toBe(workflowJsonSchema(catalogue));
  });

  it('accepts the example', () => {
    expect(underlined(parse(read('definitions/workflows/payment-succeeded.json')))).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ['a misspelt property', { id: 'a', wait: '1s', titel: 'x' }, ['.steps[0] should NOT have additional properties']],
    [
      'a bad duration',
      { id: 'a', call: 'orders.cancel', timeout: '5 min', with: { orderId: 'o' } },
      ['.steps[0].timeout should match pattern "^(?:0|[1-9][0-9]*)(?:ms|s|m|h|d)$"'],
    ],
    [
      'a missing input',
      { id: 'a', call: 'orders.cancel', with: {} },
      [".steps[0].with should have required property 'orderId'"],
    ],
    ['a missing with', { id: 'a', call: 'orders.cancel' }, [".steps[0] should have required property 'with'"]],
    [
      'an unknown input',
      { id: 'a', call: 'orders.cancel', with: { orderId: 'o', why: 1 } },
      ['.steps[0].with should NOT have additional properties'],
    ],
    [
      'an unknown activity',
      { id: 'a', call: 'order.cancel' },
      ['.steps[0].call should be equal to one of the allowed values'],
    ],
    ['no verb', { id: 'a' }, [".steps[0] should have required property 'call'"]],
    ['a guard without a verb', { id: 'a', if: true }, [".steps[0] should have required property 'call'"]],
    [
      'an unknown operator',
      { id: 'a', if: { flor: 1 }, wait: '1s' },
      ['.steps[0].if should be equal to one of the allowed values', ".steps[0].if property name 'flor' is invalid"],
    ],
    [
      'a slip in an inner step',
      { id: 'a', if: { var: 'event.id' }, then: [{ id: 'b', wait: 5 }] },
      [
        '.steps[0].then[0].wait should be string',
        '.steps[0].then[0].wait should be object',
        '.steps[0].then[0].wait should match some schema in anyOf',
      ],
    ],
    ['an empty branch', { id: 'a', parallel: [] }, ['.steps[0].parallel should NOT have fewer than 1 items']],
  ])('underlines %s and nothing else', (_what, step, expected) => {
    expect(underlined(withStep(step))).toEqual(expected);
  });
});
