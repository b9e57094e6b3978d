import { readdirSync, readFileSync } from 'node:fs';
import Ajv, { type ErrorObject } from 'ajv';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../language/check.ts';
import { activitiesOnly, workflowJsonSchema } from '../../language/json-schema.ts';
import { activityTypes } from './activity-types.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const compile = (schema: string) =>
  new Ajv({ allErrors: true, jsonPointers: false }).compile(JSON.parse(schema) as object);
const ofExamples = compile(workflowJsonSchema(activitiesOnly(activityTypes)));

/** What an editor would underline. Errors of `if` only say which branch was taken. */
function validate(definition: unknown, ajv = ofExamples): ErrorObject[] {
  void ajv(definition);
  return (ajv.errors ?? []).filter(({ keyword }) => keyword !== 'if');
}

/** Place and rule. */
function underlined(definition: unknown): string[] {
  return validate(definition).map(({ dataPath, message }) => `${dataPath} ${message ?? ''}`);
}

function shippedDefinitions(): string[] {
  return ['definitions/workflows', 'definitions/examples'].flatMap((folder) =>
    readdirSync(new URL(`../../${folder}`, import.meta.url))
      .filter((name) => name.endsWith('.json') && !name.endsWith('.test.json'))
      .map((name) => `${folder}/${name}`),
  );
}

/** Codes of mistakes that a schema can see, as long as the text is JSON at all. */
const codesOfForm = [
  'KAIT1101',
  'KAIT1102',
  'KAIT1103',
  'KAIT1104',
  'KAIT1105',
  'KAIT1106',
  'KAIT1107',
  'KAIT1109',
  'KAIT1111',
  'KAIT1112',
  'KAIT1114',
  'KAIT1115',
  'KAIT1116',
  'KAIT1122',
  'KAIT1303',
  'KAIT1401',
  'KAIT1402',
  'KAIT1403',
];
/** Seen only by who follows templates and paths. */
const beyondASchema = [
  'KAIT1114-undo-after-undo',
  'KAIT1103-loop-over-text',
  'KAIT1103-long-debounce',
  'KAIT1103-long-match',
  'KAIT1103-tenant',
  ...['KAIT1101-hmac-property', 'KAIT1102-hmac-without-text', 'KAIT1103-hmac-in-base64', 'KAIT1104-hmac-hash'],
];

function mistakesOfForm(): [name: string, pointers: string[], definition: unknown][] {
  const folder = 'test/language/mistakes';
  return readdirSync(new URL(`../../${folder}`, import.meta.url))
    .filter((name) => name.endsWith('.json') && codesOfForm.includes(name.slice(0, 8)))
    .filter((name) => !beyondASchema.includes(name.replace('.json', '')))
    .map((name) => {
      const text = read(`${folder}/${name}`);
      const { findings } = checkDefinition({ text, file: name, activities: activityTypes });
      return [name, findings.map(({ pointer }) => pointer), parse(text)];
    });
}

/** `.steps[0].retry` as `/steps/0/retry`. */
function pointerOf(dataPath: string): string {
  return dataPath.replace(/\['?([^\]']+)'?\]/g, '/$1').replaceAll('.', '/');
}

/** The place, or the whole step that it is in: a schema cannot tell a step's missing property from a wrong one. */
function stepOf(pointer: string): string {
  return /^(.*\/[0-9]+)(?:\/|$)/.exec(pointer)?.[1] ?? '';
}

const withStep = (step: object) => ({ name: 'a', on: { event: 'payment.succeeded' }, steps: [step] });

describe('the JSON Schema for editors', () => {
  const shipped = compile(read('schemas/workflow.schema.json'));
  it.each(shippedDefinitions())('accepts %s', (file) => {
    expect(validate(parse(read(file)), shipped)).toEqual([]);
  });

  it.each(mistakesOfForm())('underlines the mistake in %s, and only there', (_name, pointers, definition) => {
    const places = validate(definition).map(({ dataPath }) => pointerOf(dataPath));
    expect(places).not.toEqual([]);
    const isMeant = (place: string) => pointers.some((pointer) => pointer.startsWith(stepOf(place)));
    expect(places.filter((place) => !isMeant(place))).toEqual([]);
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

it('offers every path into the event where an expression reads one', () => {
  const { definitions } = JSON.parse(workflowJsonSchema(activitiesOnly(activityTypes))) as {
    definitions: { logic: { then: { properties: { var: { examples: string[] } } } } };
  };
  const offered = definitions.logic.then.properties.var.examples;
  expect(offered).toEqual(
    expect.arrayContaining(['event.live', 'event.refund.full', 'event.subscription.customer.email', 'event.data']),
  );
  expect(offered).toHaveLength(56);
});
