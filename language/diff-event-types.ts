import type { EventType } from './event-types.ts';
import { compareSchemas, type SchemaChange } from './values/compare-schemas.ts';

/** What changes for those who receive a type of outbound webhooks. */
export interface EventTypeChange {
  type: string;
  /** Whether a receiver that was written for the old description may break. */
  breaking: boolean;
  /** Where in the data: `customer.name`, `lines.[].sku`. Empty: all of it. */
  at: string;
  /** A clause whose subject is the place: `may be left out now`. */
  message: string;
}

/**
 * Compares two lists of event types from the receivers' side: they read what Kait sends, so a new value, or a member that may be left out, breaks
 * them, and a new member does not. Sorted by type, with the breaking changes of each first.
 */
export function diffEventTypes(
  before: ReadonlyMap<string, Received>,
  after: ReadonlyMap<string, Received>,
): EventTypeChange[] {
  const types = [...new Set([...before.keys(), ...after.keys()])].sort();
  return types.flatMap((type) => {
    const changes = changesOf(before.get(type), after.get(type));
    const told = changes.map(({ breaking, path, message }) => ({ type, breaking, at: path.join('.'), message }));
    return [...told.filter(({ breaking }) => breaking), ...told.filter(({ breaking }) => !breaking)];
  });
}

/** As far as receivers see it. */
type Received = Pick<EventType, 'published' | 'deprecated'>;

function changesOf(before: Received | undefined, after: Received | undefined): SchemaChange[] {
  if (after === undefined) return [{ breaking: true, path: [], message: 'was removed' }];
  if (before === undefined) return [{ breaking: false, path: [], message: 'was added' }];
  return [...compareSchemas(before.published, after.published), ...deprecation(before, after)];
}

function deprecation({ deprecated: before }: Received, { deprecated: after }: Received): SchemaChange[] {
  if (before === after) return [];
  if (after === undefined) return [{ breaking: false, path: [], message: 'is not deprecated any more' }];
  return [{ breaking: false, path: [], message: `is deprecated: ${after}` }];
}

/** Lines of text, one for each change, with a heading for each type. */
export function formatEventTypeDiff(changes: readonly EventTypeChange[]): string {
  if (changes.length === 0) return 'No differences.';
  const types = [...new Set(changes.map(({ type }) => type))];
  const parts = types.map((type) => {
    const lines = changes.filter((change) => change.type === type).map(lineOf);
    return [type, ...lines].join('\n');
  });
  const breaking = changes.filter((change) => change.breaking).length;
  const total = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}, ${breaking === 0 ? 'none' : breaking} incompatible.`;
  return [...parts, total].join('\n\n');
}

function lineOf({ breaking, at, message }: EventTypeChange): string {
  const clause = at === '' ? message : `"${at}" ${message}`;
  return `  ${breaking ? 'incompatible' : 'compatible  '}  ${clause}`;
}
