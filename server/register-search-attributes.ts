import type { Connection } from '@temporalio/client';
import { searchAttributes } from './start-run.ts';

/** The number that Temporal's operator API has for keywords (`temporal.api.enums.v1.IndexedValueType`). */
const keyword = 2;

/**
 * Makes Kait's search attributes known to the namespace; those that exist already are fine. Has to come before the first
 * start: Temporal refuses a start with an unknown attribute.
 */
export async function registerSearchAttributes(
  connection: Pick<Connection, 'operatorService'>,
  namespace: string,
): Promise<void> {
  const names = Object.values(searchAttributes).map(({ name }) => name);
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(names.map((name) => [name, keyword])),
  });
}
