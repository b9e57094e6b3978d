import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { valueFaults } from '../values/check-value.ts';
import { withShape } from './json-shape.ts';
import { shapeOfJsonSchema } from './shape-of-json-schema.ts';

/** A schema of zod that knows the form that a JSON Schema describes, and accepts any object: for schemas that Kait does not check by. */
export function formOfJsonSchema(schema: JsonObject): z.ZodObject {
  return withShape(z.looseObject({}), shapeOfJsonSchema(schema));
}

/**
 * The same for an object whose members count one by one, so that `partial()` makes of it what takes some of them. Of a schema with alternatives, only
 * the form counts.
 */
export function membersOfJsonSchema(schema: JsonObject): z.ZodObject {
  const { properties = {}, additionalProperties } = schema;
  const isPlain = schema.type === 'object' && Object.keys(schema).every((key) => plainKeywords.has(key));
  if (!isPlain || !isObject(properties)) return formOfJsonSchema(schema);
  const members = Object.entries(properties).map(([name, member]) => [name, memberOf(member as JsonObject)] as const);
  const object = additionalProperties === false ? z.strictObject : z.looseObject;
  return withShape(object(Object.fromEntries(members)), shapeOfJsonSchema(schema));
}

const plainKeywords = new Set([
  ...['$schema', 'type', 'title', 'description', 'properties', 'required', 'additionalProperties'],
]);

function memberOf(schema: JsonObject): z.ZodType {
  return z.unknown().superRefine((value, context) => {
    for (const { path, message } of valueFaults(schema, value as Json)) {
      context.addIssue({ code: 'custom', path, message, input: value });
    }
  });
}

/** A schema of zod that checks as the JSON Schema says, for what takes both. */
export function zodOfJsonSchema(schema: JsonObject): z.ZodObject {
  const checked = z.looseObject({}).superRefine((value, context) => {
    for (const { path, kind, message } of valueFaults(schema, value as Json)) {
      if (kind === 'unknown') {
        const keys = [String(path.at(-1))];
        context.addIssue({
          code: 'unrecognized_keys',
          keys,
          path: path.slice(0, -1),
          message: `${keys[0]}: is not known`,
          input: value,
        });
      } else context.addIssue({ code: 'custom', path, message, input: value });
    }
  });
  return withShape(checked, shapeOfJsonSchema(schema));
}
