import { eq, sql, type SQL } from 'drizzle-orm';
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

/** Whether the filter names any fact. */
export function namesFact(filter: FactFilter): boolean {
  const { order, payment, customer, amount, currency } = filter;
  return [order, payment, customer, amount, currency].some((each) => each !== undefined);
}

export function factConditions({ order, payment, customer, amount, currency }: FactFilter): (SQL | undefined)[] {
  return [
    order === undefined ? undefined : matches(searchable(order), (text) => eq(events.orderId, text)),
    payment === undefined ? undefined : matches(searchable(payment), (text) => eq(events.paymentId, text)),
    customer === undefined
      ? undefined
      : matches(searchable(customer.trim().toLowerCase()), (email) => eq(events.customer, hashOf(email))),
    amount === undefined ? undefined : eq(events.amount, amount.amount),
    amount === undefined && currency === undefined
      ? undefined
      : eq(events.currency, amount?.currency ?? currency ?? ''),
    amount === undefined && currency !== undefined ? sql`${events.amount} is not null` : undefined,
  ];
}

/** What cannot be stored is found nowhere. */
function matches(text: string | null, condition: (text: string) => SQL): SQL {
  return text === null ? sql`false` : condition(text);
}

function hashOf(email: string): SQL {
  const [before = '', after = ''] = customerHashSql('$email').split('$email');
  return sql`${sql.raw(before)}${email}::text${sql.raw(after)}`;
}
