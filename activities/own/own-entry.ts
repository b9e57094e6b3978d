import type { StepDefaults } from '../../language/definition.ts';
import type { JsonObject } from '../../language/json.ts';
import type { CatalogueEntry } from '../catalogue-entry.ts';
import type { OwnActivity } from './define-activity.ts';

/**
 * A project's activity as the catalogue has it. One of the kind `database` runs as a local activity: its effect and its result are
 * committed together, so its outcome is known in the end.
 */
export function entryOf({
  title,
  input,
  output,
  example,
  kind,
  timeout,
  retry,
  money,
  errors,
}: OwnActivity): CatalogueEntry {
  const limits: StepDefaults = { ...(timeout !== undefined && { timeout }), ...(retry !== undefined && { retry }) };
  return {
    ...{ title, input, output },
    where: kind === 'database' ? 'local' : 'network',
    ...(example !== undefined && { example: example as JsonObject }), // It was checked against the schema, whose inputs are JSON.
    ...(money === true && { money }),
    ...(errors !== undefined && { errors }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}
