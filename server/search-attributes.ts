import { standingAttribute, stepAttribute } from '../language/run-standing.ts';
import { errorText } from '../describe-error.ts';
import type { Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Searchable in the Web UI and with `temporal workflow list --query`. */
export const searchAttributes = {
  definition: defineSearchAttributeKey('KaitDefinition', SearchAttributeType.KEYWORD),
  source: defineSearchAttributeKey('KaitSource', SearchAttributeType.KEYWORD),
  eventType: defineSearchAttributeKey('KaitEventType', SearchAttributeType.KEYWORD),
  entity: defineSearchAttributeKey('KaitEntity', SearchAttributeType.KEYWORD),
  /** What a run waits for, and at which step: see `language/run-standing.ts`. */
  state: defineSearchAttributeKey(standingAttribute, SearchAttributeType.KEYWORD),
  step: defineSearchAttributeKey(stepAttribute, SearchAttributeType.KEYWORD),
  order: defineSearchAttributeKey('KaitOrder', SearchAttributeType.KEYWORD),
  payment: defineSearchAttributeKey('KaitPayment', SearchAttributeType.KEYWORD),
  /** A keyed hash: see `storage/customer-hash.ts`. */
  customer: defineSearchAttributeKey('KaitCustomer', SearchAttributeType.KEYWORD),
  /** Minor units. */
  amount: defineSearchAttributeKey('KaitAmount', SearchAttributeType.INT),
};

/*
 * A namespace on a SQL database has room for 10 of the type Keyword and for 3 of the type Int. If there is less, the first ones above are
 * created.
 */

export const searchAttributeNames: readonly string[] = Object.values(searchAttributes).map(({ name }) => name);

/** What a namespace has of Kait's search attributes. Runs start with those that are usable: Temporal refuses a start with others. */
export interface SearchAttributeReport {
  usable: readonly string[];
  /** Not there, and Kait could not create them. */
  missing: readonly string[];
  /** There, but of another type, which never changes. */
  wrongType: readonly string[];
  /** Why Kait could not create the missing ones, in Temporal's words. Null if it did not have to. */
  reason: string | null;
}

export type SearchAttributeServices = Pick<Connection, 'operatorService' | 'workflowService'>;

/** `temporal.api.enums.v1.IndexedValueType` in Temporal's operator API. */
const typeNumbers = { KEYWORD: 2, INT: 3 } as const;

/** The type of one of Kait's search attributes, as Temporal's commands name it. */
export function typeOf(name: string): 'Keyword' | 'Int' {
  return name === searchAttributes.amount.name ? 'Int' : 'Keyword';
}

function typeNumberOf(name: string): number {
  return typeOf(name) === 'Int' ? typeNumbers.INT : typeNumbers.KEYWORD;
}

/**
 * Lists the namespace's search attributes and creates those of Kait that it lacks. Temporal Cloud and servers with authorization do not
 * let Kait create any, and perhaps not list them; the report says so. Safe to repeat, and while another server does the same.
 *
 * Rejects only if Temporal cannot be reached, does not know the namespace, or does not know who Kait is.
 */
export async function ensureSearchAttributes(
  services: SearchAttributeServices,
  namespace: string,
): Promise<SearchAttributeReport> {
  const found = (await listed(services, namespace)) ?? (await probed(services, namespace));
  const wrongType = searchAttributeNames.filter((name) => found.has(name) && found.get(name) !== typeNumberOf(name));
  const present = searchAttributeNames.filter((name) => found.get(name) === typeNumberOf(name));
  const absent = searchAttributeNames.filter((name) => !found.has(name));
  const { created, reason } = await createAll(services, namespace, absent);
  const usable = searchAttributeNames.filter((name) => present.includes(name) || created.includes(name));
  return { usable, missing: absent.filter((name) => !created.includes(name)), wrongType, reason };
}

/** The types of the namespace's attributes by their names. Null if Kait may not list them. */
async function listed(
  { operatorService }: SearchAttributeServices,
  namespace: string,
): Promise<Map<string, number> | null> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return new Map(Object.entries(customAttributes));
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}

/** Asks for runs by each attribute: Temporal takes no query with an attribute that the namespace lacks. Tells nothing of types. */
async function probed({ workflowService }: SearchAttributeServices, namespace: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const name of searchAttributeNames) {
    try {
      await workflowService.countWorkflowExecutions({
        namespace,
        query: `${name} = ${typeOf(name) === 'Int' ? '0' : "'kait'"}`,
      });
      found.set(name, typeNumberOf(name));
    } catch (error) {
      if (!isDenied(error) && codeOf(error) !== codes.invalidArgument) throw error;
    }
  }
  return found;
}

/** One by one, so that a namespace with room for two more gets two. */
async function createAll(
  { operatorService }: SearchAttributeServices,
  namespace: string,
  names: readonly string[],
): Promise<{ created: string[]; reason: string | null }> {
  const created: string[] = [];
  let reason: string | null = null;
  for (const name of names) {
    try {
      const searchAttributes = Object.fromEntries([[name, typeNumberOf(name)]]);
      await operatorService.addSearchAttributes({ namespace, searchAttributes });
      created.push(name);
    } catch (error) {
      if (isOutage(error)) throw error;
      if (codeOf(error) === codes.alreadyExists) created.push(name);
      else reason = errorText(error);
      if (isDenied(error)) return { created, reason }; // The others would be denied as well.
    }
  }
  return { created, reason };
}

const codes = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
};

/** Kait is known, but may not do this; or no service does it for anybody, as behind some proxies. */
function isDenied(error: unknown): boolean {
  return [codes.permissionDenied, codes.unimplemented].includes(codeOf(error));
}

/** Whatever Kait asked for would have failed. Errors without a code are of the connection. */
function isOutage(error: unknown): boolean {
  const { cancelled, deadlineExceeded, notFound, unavailable, unauthenticated } = codes;
  return [-1, cancelled, deadlineExceeded, notFound, unavailable, unauthenticated].includes(codeOf(error));
}

/** Of a gRPC error, as both of the SDK's connections throw them. The SDK's own test for one would load all of its client. */
function codeOf(error: unknown): number {
  if (!(error instanceof Error && 'details' in error && 'code' in error)) return -1;
  return typeof error.code === 'number' ? error.code : -1;
}
