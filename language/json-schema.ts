import { z } from 'zod';
import { actionSchemas, type Action } from './check/actions.ts';
import type { ActivityTypes } from './check/context.ts';
import { shapeOf } from './check/json-shape.ts';
import { definitionSchema, stepCommon } from './check/schemas.ts';
import { verbChecks } from './check/verb-checks.ts';
import type { JsonObject } from './json.ts';
import { operatorNames } from './operators/operators.ts';

/**
 * The text of the JSON Schema for editors, made from the schemas that the checker uses. Draft 7, which VS Code supports in full. Each
 * verb has an if/then of its own: under `oneOf` an editor would underline the whole step for a slip in one property.
 * It is more lenient than the checker, which also follows paths and types.
 */
export function workflowJsonSchema(activities: ActivityTypes): string {
  const schema: JsonObject = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    // Grows when a file that was valid may no longer be.
    $id: 'urn:kait:workflow-schema:1',
    title: 'A Kait workflow definition',
    ...jsonSchemaOf(definitionSchema),
    definitions: {
      step: stepSchema(),
      ...Object.fromEntries(
        Object.entries(verbChecks).map(([verb, { schema }]) => [`step-${verb}`, jsonSchemaOf(schema)]),
      ),
      undo: undoSchema(),
      inputs: inputsSchema(activities),
      logic: logicSchema(),
      template: { description: 'JSON. Texts may hold {{path}}; an object whose only key is an operator is evaluated.' },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Without the dialect, which only the whole document names. */
function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const json = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as JsonObject; // It is JSON.
  delete json.$schema;
  return json;
}

/** The properties are there for completion; what each must be, its verb's schema says. */
function stepSchema(): JsonObject {
  const verbs = Object.keys(verbChecks);
  return {
    type: 'object',
    properties: Object.fromEntries([...Object.keys(stepCommon), ...verbs].map((name) => [name, {}])),
    required: ['id'],
    allOf: [
      ...verbs.map((verb) => ({ if: tells(verb), then: { $ref: `#/definitions/step-${verb}` } })),
      { if: { not: { anyOf: verbs.map(tells) } }, then: { required: ['call'] } },
      { if: tells('call'), then: { $ref: '#/definitions/inputs' } },
    ],
  };
}

/** What a step of that verb has: `if` beside another verb is a guard, and loops have a `do` of their own. */
function tells(verb: string): JsonObject {
  if (verb === 'if') return { required: ['then'] };
  if (verb === 'do') return { required: ['do'], not: { anyOf: [{ required: ['forEach'] }, { required: ['while'] }] } };
  return { required: [verb] };
}

function undoSchema(): JsonObject {
  const actions = Object.keys(actionSchemas) as Action[]; // The keys of a constant.
  return {
    type: 'object',
    properties: Object.fromEntries(actions.map((action) => [action, {}])),
    allOf: [
      ...actions.map((action) => ({ if: tells(action), then: jsonSchemaOf(actionSchemas[action]) })),
      { if: { not: { anyOf: actions.map(tells) } }, then: { required: ['call'] } },
      { if: tells('call'), then: { $ref: '#/definitions/inputs' } },
    ],
  };
}

/** Only the names of inputs: a value may be a template, of whatever type it becomes. */
function inputsSchema(activities: ActivityTypes): JsonObject {
  return {
    properties: { call: { enum: Object.keys(activities) } },
    allOf: Object.entries(activities).map(([name, { input }]) => {
      const { properties = {}, required = [] } = shapeOf(input, 'input');
      const names = Object.fromEntries(Object.keys(properties).map((key) => [key, { $ref: '#/definitions/template' }]));
      return {
        if: { properties: { call: { const: name } }, required: ['call'] },
        then: {
          properties: { with: { properties: names, required, additionalProperties: false } },
          ...(required.length === 0 ? {} : { required: ['with'] }),
        },
      };
    }),
  };
}

function logicSchema(): JsonObject {
  return {
    description: 'JsonLogic: an object with one operator, such as {">": [{"var": "event.payment.amount"}, 0]}.',
    if: { type: 'object' },
    then: { minProperties: 1, maxProperties: 1, propertyNames: { enum: [...operatorNames] } },
  };
}
