import { zodOfJsonSchema } from '../language/check/zod-of-json-schema.ts';
import type { ExternalActivity } from '../language/check/external-activity.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';

/** An activity of another language as the catalogue has it: its schemas check as those of zod do. */
export function externalEntry(activity: ExternalActivity): CatalogueEntry {
  const { title, taskQueue, input, output, limits, money, undoable } = activity;
  return {
    title,
    input: zodOfJsonSchema(input),
    output: zodOfJsonSchema(output),
    where: 'network',
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(money && { money }),
    ...(!undoable && { undoable }),
    external: { taskQueue, input, output },
  };
}
