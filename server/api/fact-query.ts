import type { FactFilter } from '../search/event-filter.ts';
import { readAmount } from '../search/read-amount.ts';
import * as fields from './fields.ts';
import { ApiProblem } from './problem.ts';

/** The parameters that events, and the runs that they started, are searched by. */
export const factQuery = {
  order: fields.optional(fields.text(255)),
  payment: fields.optional(fields.text(255)),
  customer: fields.optional(fields.text(255)),
  amount: fields.optional(fields.text(40)),
  currency: fields.optional(fields.text(3)),
};

type FactQuery = { [Name in keyof typeof factQuery]?: string | undefined };

/** Reads them. Throws a problem if the amount is none. */
export function factsOfQuery({ order, payment, customer, amount, currency }: FactQuery): FactFilter {
  const money = amount === undefined ? undefined : readAmount(amount, currency);
  if (amount !== undefined && money === undefined) {
    const detail =
      'amount must be an amount with its currency, such as "IDR 2,000,000.00", or 2000000 beside currency=IDR.';
    throw new ApiProblem(400, 'invalid-request', detail, { errors: [{ detail, parameter: 'amount' }] });
  }
  return { order, payment, customer, amount: money, currency: currency?.toUpperCase() };
}
