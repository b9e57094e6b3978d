import { z } from 'zod';
import type { Json, JsonObject } from '../json.ts';
import { valueFaults } from '../values/check-value.ts';
import { withShape } from './json-shape.ts';
import { shapeOfJsonSchema } from './shape-of-json-schema.ts';

/** A schema of zod that knows the form that a JSON Schema describes, and accepts any object: for schemas that Kait does not check by. */
export function formOfJsonSchema(schema: JsonObject): z.ZodObject {
  return withShape(z.looseObject({}), shapeOfJsonSchema(schema));
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
