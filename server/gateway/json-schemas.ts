import { z } from 'zod';
import { presetSchema } from './preset-schema.ts';
import { createSourcesSchema } from './source-schema.ts';

/**
 * JSON Schemas of the files that people write, for their editors: the file's name in `schemas/` and its text. Checks that
 * JSON Schema cannot express (selectors, canonical types) are left to `kait validate`.
 */
export function gatewayJsonSchemas(): Record<string, string> {
  return {
    'gateway.schema.json': textOf('How a payment gateway signs its webhooks, and how to read them', presetSchema),
    'sources.schema.json': textOf('The gateways that are mounted, and their URLs', createSourcesSchema(new Map())),
  };
}

/** Describes what people write: members with a default are optional. */
function textOf(title: string, schema: z.ZodType): string {
  const jsonSchema = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return `${JSON.stringify({ title, ...jsonSchema }, null, 2)}\n`;
}
