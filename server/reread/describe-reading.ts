import { shownMoney } from '../../language/shown-money.ts';
import type { Reading, Told } from './read-again.ts';

/** A reading as the API tells it: without bodies. */
export function describeReading({ row, before, after, change, why }: Reading) {
  return {
    source: row.source,
    /** The row that was read. */
    eventId: row.eventId,
    receivedAt: row.receivedAt.toISOString(),
    change,
    why,
    before: before === null ? null : describeTold(before),
    after: after === null ? null : describeTold(after),
  };
}

function describeTold({ event, state, reason }: Told) {
  const { id, type, nativeType, entity, live } = event;
  return { id, type, nativeType, entity, live, amounts: amountsOf(event), state, reason };
}

/** `payment IDR 25,000.00`, one for each amount. */
function amountsOf({ payment, refund, dispute, payout, subscription }: Told['event']): string[] {
  return Object.entries({ payment, refund, dispute, payout, subscription }).flatMap(([name, fact]) =>
    fact?.amount === undefined || fact.amount === null
      ? []
      : [`${name} ${shownMoney({ currency: fact.currency ?? null, amount: fact.amount })}`],
  );
}
