import { desc, eq, sql, type AnyColumn, type SQL } from 'drizzle-orm';
import { customerHashSql } from '../../storage/customer-hash.ts';
import { events } from '../../storage/schema.ts';
import { searchable } from './event-facts.ts';
import type { Money } from './read-amount.ts';

/** What events, and the runs that they started, are searched by. Each is exact, and an index finds it. */
export interface FactFilter {
  /** The merchant's reference. */
  order?: string | undefined;
  /** The gateway's id of the payment. */
  payment?: string | undefined;
  /** The customer's e-mail address, in any case. */
  customer?: string | undefined;
  amount?: Money | undefined;
  /** Without an amount, all in this currency. */
  currency?: string | undefined;
}

export interface EventFilter extends FactFilter {
  source?: string | undefined;
}

/** Whether the filter names any fact. */
export function namesFact(filter: FactFilter): boolean {
  const { order, payment, customer, amount, currency } = filter;
  return [order, payment, customer, amount, currency].some((each) => each !== undefined);
}

export function eventConditions(filter: EventFilter): (SQL | undefined)[] {
  const { source, order, payment, customer, amount, currency } = filter;
  const [column, value] = widest(filter) ?? [];
  return [
    source === undefined || column === events.source ? undefined : eq(events.source, source),
    column === undefined ? undefined : sql`${column} between ${value} and ${value}`,
    order === undefined ? undefined : matches(searchable(order), (text) => eq(events.orderId, text)),
    payment === undefined ? undefined : matches(searchable(payment), isOfPayment),
    customer === undefined
      ? undefined
      : matches(searchable(customer.trim().toLowerCase()), (email) => eq(events.customer, hashOf(email))),
    amount === undefined ? undefined : eq(events.amount, amount.amount),
    amount === undefined ? undefined : eq(events.currency, amount.currency),
    amount !== undefined || currency === undefined || column === events.currency
      ? undefined
      : eq(events.currency, currency),
    amount === undefined && currency !== undefined ? sql`${events.amount} is not null` : undefined,
  ];
}

/**
 * The newest events first. PostgreSQL expects the wanted ones everywhere, and would look through all events that are newer than the last one of
 * a source that sends no more. Sorted by the column too, which takes a range rather than an equality, they come from its index.
 */
export function newestFirst(filter: EventFilter): SQL[] {
  const [column] = widest(filter) ?? [];
  return [...(column === undefined ? [] : [desc(column)]), desc(events.id)];
}

/** What many events have in common, if nothing that few have is searched. */
function widest(filter: EventFilter): [AnyColumn, string] | undefined {
  const { source, currency, ...narrow } = filter;
  if (namesFact(narrow)) return undefined;
  if (source !== undefined) return [events.source, source];
  return currency === undefined ? undefined : [events.currency, currency];
}

/** By two indexes: the one of payments leaves those out that are the entity. */
function isOfPayment(payment: string): SQL {
  const { paymentId, entity } = events;
  return sql`(${paymentId} = ${payment} and (${entity} = ${payment} or ${paymentId} is distinct from ${entity}))`;
}

/** What cannot be stored is found nowhere. */
function matches(text: string | null, condition: (text: string) => SQL): SQL {
  return text === null ? sql`false` : condition(text);
}

function hashOf(email: string): SQL {
  const [before = '', after = ''] = customerHashSql('$email').split('$email');
  return sql`${sql.raw(before)}${email}::text${sql.raw(after)}`;
}
