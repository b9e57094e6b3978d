import { and, eq, gte, inArray, lt, sql, type SQL } from 'drizzle-orm';
import { deliveries, type DeliveryState, messages } from '../schema.ts';

/** Which deliveries. Absent: all. */
export interface DeliveryFilter {
  states?: readonly DeliveryState[] | undefined;
  /** Its id. */
  endpoint?: string | undefined;
  /** Of the message: `order.created`, or `order.*` for all below `order`. */
  type?: string | undefined;
  /** The order number of the event that the run is about. */
  order?: string | undefined;
  /** The workflow id of the run, or of the one that it retries. */
  run?: string | undefined;
  /** Emitted then or later, RFC 3339. */
  since?: string | undefined;
  /** Emitted before. */
  until?: string | undefined;
  /** Only this tenant's. Null: everybody's. */
  tenant: string | null;
}

/** The condition on `deliveries` joined with `messages`. */
export function deliveriesThat(filter: DeliveryFilter): SQL | undefined {
  const { states, endpoint, type, order, run, since, until, tenant } = filter;
  return and(
    states === undefined ? undefined : inArray(deliveries.state, [...states]),
    endpoint === undefined ? undefined : eq(deliveries.endpoint, endpoint),
    type === undefined ? undefined : ofType(type),
    order === undefined ? undefined : ofOrder(order),
    run === undefined ? undefined : ofRun(run),
    since === undefined ? undefined : gte(deliveries.createdAt, new Date(since)),
    until === undefined ? undefined : lt(deliveries.createdAt, new Date(until)),
    tenant === null ? undefined : eq(deliveries.tenant, tenant),
  );
}

/** The condition on `messages`: of the type `order.created`, or of one below `order` for `order.*`. */
export function ofType(type: string): SQL {
  if (type.endsWith('.*')) return sql`starts_with(${messages.type}, ${type.slice(0, -1)})`;
  return eq(messages.type, type);
}

/**
 * A message's key begins with the id of its run and a slash. The digit 0 comes after the slash. The ids are
 * found first, as an array, since there are few: a join would read the deliveries of everybody.
 */
const ofSomeRun = sql`
  emitted.idempotency_key collate "C" >= run_id || '/' and emitted.idempotency_key collate "C" < run_id || '0'`;

function ofOrder(order: string): SQL {
  return sql`${deliveries.message} = any(array(
    select emitted.id from (
      select runs.workflow_id as run_id from events join runs on runs.event = events.id where events.order_id = ${order}
    ) as about cross join lateral (select id from messages as emitted where ${ofSomeRun}) as emitted))`;
}

/** A retry emits under the keys of the first run. What ran again of the same event has keys that begin like those of the first run. */
function ofRun(run: string): SQL {
  return sql`${deliveries.message} = any(array(
    select emitted.id from (
      select coalesce((select root from rescues where workflow_id = ${run} limit 1), ${run}) as run_id
    ) as about cross join lateral (
      select id from messages as emitted where ${ofSomeRun}
        and not starts_with(emitted.idempotency_key, run_id || '/kait:again-')
        and not starts_with(emitted.idempotency_key, run_id || '/kait:retry-')
    ) as emitted))`;
}
