import { z } from 'zod';
import { actionSchemas, type Action } from './check/actions.ts';
import { isCallable } from './check/actions.ts';
import type { ActivityTypes } from './check/context.ts';
import { eventShape } from './check/environment.ts';
import { shapeOf, type JsonShape } from './check/json-shape.ts';
import { definitionSchema, stepCommon } from './check/schemas.ts';
import { verbChecks } from './check/verb-checks.ts';
import { type EventTypes, noEventTypes } from './event-types.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { emittable } from './own-event-types.ts';
import { operatorNames } from './operators/operators.ts';

/** What a project has, and its editor offers. */
export interface ProjectNames {
  activities: ActivityTypes;
  /** Types of the events that start runs and for which they wait. */
  events: readonly string[];
  /** Types of outbound webhooks. */
  emitted: EventTypes;
  sources: readonly string[];
  mails: readonly string[];
  settings: readonly string[];
}

/** Of a project of which only the activities are known. */
export function activitiesOnly(activities: ActivityTypes): ProjectNames {
  return { activities, events: [], emitted: noEventTypes, sources: [], mails: [], settings: [] };
}

/**
 * Returns the JSON Schema for editors, made from the schemas of the checker. Draft 7, because VS Code supports it fully. Each verb
 * has its own if/then: with `oneOf`, editors would mark the whole step for a mistake in one property. The schema is more
 * lenient than the checker, which also follows paths and types. Names that may be new since it was written, or that nobody has to declare, are
 * examples: editors offer them, and do not underline others.
 */
export function workflowJsonSchema(names: ProjectNames): string {
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
      inputs: inputsSchema(names),
      data: dataSchema(names.emitted),
      logic: logicSchema(names.settings),
      template: {
        description: 'JSON. Texts may contain {{path}}. An object whose only key is an operator is evaluated.',
      },
    },
  };
  const offered = { ...names, emitted: [...emittable(names.emitted).keys()] };
  return `${JSON.stringify(completed(schema, offered), null, 2)}\n`;
}

/** Puts examples where the schemas of the checker say what a text `completes`. */
function completed(schema: Json, names: Record<string, unknown>): Json {
  if (Array.isArray(schema)) return schema.map((item) => completed(item, names));
  if (!isObject(schema)) return schema;
  const { completes, ...rest } = schema;
  const members = Object.entries(rest).map(([name, value]) => [name, completed(value, names)] as const);
  const examples = typeof completes === 'string' ? (names[completes] as Json[]) : [];
  return { ...Object.fromEntries(members), ...(examples.length === 0 ? {} : { examples }) };
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
      { if: tells('emit'), then: { $ref: '#/definitions/data' } },
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
      { if: tells('emit'), then: { $ref: '#/definitions/data' } },
    ],
  };
}

/** Only the names of the inputs: a value may be a template of any type. */
function inputsSchema({ activities, mails }: ProjectNames): JsonObject {
  const callable = Object.entries(activities).filter(([, activity]) => isCallable(activity));
  return {
    properties: { call: { enum: callable.map(([name]) => name) } },
    allOf: callable.map(([name, { input, example }]) => {
      const { names, required } = membersOf(shapeOf(input, 'input'));
      const offered =
        name === 'mail.send' && mails.length > 0 ? { template: { allOf: [template], examples: [...mails] } } : {};
      return {
        if: { properties: { call: { const: name } }, required: ['call'] },
        then: {
          properties: {
            with: {
              properties: { ...names, ...offered },
              required,
              additionalProperties: false,
              ...(example !== undefined && { examples: [example] }),
            },
          },
          ...(required.length === 0 ? {} : { required: ['with'] }),
        },
      };
    }),
  };
}

/** The same of the data of outbound webhooks whose types are described. */
function dataSchema(eventTypes: EventTypes): JsonObject {
  const described = [...emittable(eventTypes)].map(([type, { input }]) => {
    const shape = shapeOf(input, 'input');
    const { names, required } = membersOf(shape);
    const data = { properties: names, required, additionalProperties: shape.additionalProperties !== false };
    return {
      if: { properties: { emit: { const: type } }, required: ['emit'] },
      then: { properties: { with: data }, ...(required.length === 0 ? {} : { required: ['with'] }) },
    };
  });
  return described.length === 0 ? {} : { allOf: described };
}

const template = { $ref: '#/definitions/template' };

function membersOf({ properties = {}, required = [] }: JsonShape): { names: JsonObject; required: string[] } {
  return { names: Object.fromEntries(Object.keys(properties).map((key) => [key, template])), required };
}

function logicSchema(settings: readonly string[]): JsonObject {
  return {
    description: 'JsonLogic: an object with one operator, such as {">": [{"var": "event.payment.amount"}, 0]}.',
    if: { type: 'object' },
    then: {
      minProperties: 1,
      maxProperties: 1,
      propertyNames: { enum: [...operatorNames] },
      // Any path is allowed. Editors offer the examples.
      properties: {
        var: { examples: [...eventPaths('event', eventShape), ...settings.map((name) => `settings.${name}`)] },
      },
    },
  };
}

/** Every path into the canonical event. Nothing is known of what is below `event.data`. */
function eventPaths(path: string, shape: JsonShape): string[] {
  const { properties } = [shape, ...(shape.anyOf ?? [])].find((each) => each.properties !== undefined) ?? {};
  const inner = Object.entries(properties ?? {}).flatMap(([name, member]) => eventPaths(`${path}.${name}`, member));
  return [path, ...inner];
}
