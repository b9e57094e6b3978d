import { ExpressionError } from '../../language/expression-error.ts';
import type { EndpointPolicy } from '../../language/endpoint-policy.ts';
import { filterTakes, orderKeyOf, type WebhookValues } from '../../language/webhook-logic.ts';
import { storableReason } from '../../storage/storable-reason.ts';
import { closedBecause } from '../../storage/outbound/may-send.ts';
import type { deliveries, EndpointState } from '../../storage/schema.ts';

type FirstState = Pick<
  typeof deliveries.$inferInsert,
  'state' | 'parkedBecause' | 'orderKey' | 'lastError' | 'endedAt'
>;

/**
 * How a delivery to an endpoint begins. Null: the endpoint's filter does not take the message. If the filter fails, the delivery is refused with
 * the reason, so that the message is seen and can be sent after all. While nothing may go to the endpoint, it is parked.
 */
export function firstState(
  { policy, ...endpoint }: { state: EndpointState; openUntil: Date | null; policy: EndpointPolicy },
  values: () => WebhookValues,
  at: Date,
): FirstState | null {
  const { filter, ordering = 'none' } = policy;
  const orderKey = ordering === 'none' ? null : orderKeyOf(ordering.fifo, values());
  const taken = filter === undefined ? true : takes(filter, values());
  if (taken === false) return null;
  if (taken !== true) return { state: 'refused', orderKey, lastError: storableReason(taken.fault), endedAt: at };
  const because = closedBecause(endpoint, at);
  return because === null ? { state: 'pending', orderKey } : { state: 'parked', parkedBecause: because, orderKey };
}

function takes(filter: NonNullable<EndpointPolicy['filter']>, values: WebhookValues): boolean | { fault: string } {
  try {
    return filterTakes(filter, values);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { fault: `the filter failed: ${error.message}` };
  }
}
