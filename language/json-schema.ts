import { z } from 'zod';
import { actionSchemas, type Action } from './check/actions.ts';
import { isCallable } from './check/actions.ts';
import type { ActivityTypes } from './check/context.ts';
import { eventShape } from './check/environment.ts';
import { shapeOf, type JsonShape } from './check/json-shape.ts';
import { definitionSchema, stepCommon } from './check/schemas.ts';
import { verbChecks } from './check/verb-checks.ts';
import type { JsonObject } from './json.ts';
import { operatorNames } from './operators/operators.ts';

/**
 * Returns the JSON Schema for editors, made from the schemas of the checker. Draft 7, because VS Code supports it fully. Each verb
 * has its own if/then: with `oneOf`, editors would mark the whole step for a mistake in one property. The schema is more
 * lenient than the checker, which also follows paths and types.
 */
export function workflowJsonSchema(activities: ActivityTypes): string {
  const schema: JsonObject = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    // Increased when a valid file may become invalid.
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
      template: {
        description: 'JSON. Texts may contain {{path}}. An object whose only key is an operator is evaluated.',
      },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Without `$schema`, which only the root has. */
function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const json = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as JsonObject; // It is JSON.
  delete json.$schema;
  return json;
}

/** Lists the properties for completion. The schema of the verb describes them. */
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

/** How to recognize the verb: `if` beside another verb is a guard, and loops also have a `do`. */
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

/** Only the names of the inputs: a value may be a template of any type. */
function inputsSchema(activities: ActivityTypes): JsonObject {
  const callable = Object.entries(activities).filter(([, activity]) => isCallable(activity));
  return {
    properties: { call: { enum: callable.map(([name]) => name) } },
    allOf: callable.map(([name, { input }]) => {
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
    then: {
      minProperties: 1,
      maxProperties: 1,
      propertyNames: { enum: [...operatorNames] },
      // Any path is allowed. Editors offer the examples.
      properties: { var: { examples: eventPaths('event', eventShape) } },
    },
  };
}

/** Every path into the canonical event. Nothing is known of what is below `event.data`. */
function eventPaths(path: string, shape: JsonShape): string[] {
  const { properties } = [shape, ...(shape.anyOf ?? [])].find((each) => each.properties !== undefined) ?? {};
  const inner = Object.entries(properties ?? {}).flatMap(([name, member]) => eventPaths(`${path}.${name}`, member));
  return [path, ...inner];
}
