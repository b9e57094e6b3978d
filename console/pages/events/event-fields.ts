/** A field of a canonical event, and where it was read. */
export interface Field {
  /** A JSON pointer: `/payment/amount`. */
  field: string;
  value: unknown;
  /** Selectors of the preset. Empty: it is computed, or the gateway does not tell it. */
  from: readonly string[];
  /** JSON pointers into what the gateway sent. */
  data: readonly string[];
}

/** Said by Kait itself, or told elsewhere on the page. */
const left: readonly string[] = ['/source', '/gateway', '/receivedAt', '/data'];

/** The fields of an envelope from top to bottom. What an event is not about is left out. */
export function fieldsOf(
  envelope: unknown,
  origins: readonly { field: string; from: readonly string[]; data: readonly string[] }[],
): Field[] {
  const byField = new Map(origins.map((origin) => [origin.field, origin]));
  return leavesOf(envelope, '')
    .filter(({ field }) => !left.includes(field))
    .map(({ field, value }) => {
      const { from = [], data = [] } = byField.get(field) ?? {};
      return { field, value, from, data };
    });
}

function leavesOf(value: unknown, field: string): { field: string; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ field, value }];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const isFact = field === '' && facts.includes(name);
    return isFact && member === null ? [] : leavesOf(member, `${field}/${name}`);
  });
}

const facts: readonly string[] = ['payment', 'refund', 'dispute', 'payout', 'subscription'];
