import { z } from 'zod';
import { shapeOfJsonSchema } from '../language/check/shape-of-json-schema.ts';
import { withShape } from '../language/check/json-shape.ts';
import type { ExternalActivity } from '../language/external-activity.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { valueFaults } from '../language/values/check-value.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';

/** An activity of another language as the catalogue has it: its schemas check as those of zod do. */
export function externalEntry(activity: ExternalActivity): CatalogueEntry {
  const { title, taskQueue, input, output, limits, money, undoable } = activity;
  return {
    title,
    input: zodOf(input),
    output: zodOf(output),
    where: 'network',
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(money && { money }),
    ...(!undoable && { undoable }),
    external: { taskQueue, input, output },
  };
}

function zodOf(schema: JsonObject): z.ZodObject {
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
