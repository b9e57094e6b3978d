import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/create-activities.ts';
import type { CallContext, RunInput } from '../../language/definition.ts';

/**
 * The workflow that a team would write by hand instead of definitions/workflows/payment-succeeded.json: the same activities in
 * the same order with the same limits, without Kait's checklists, summaries and expressions.
 */
const limits = {
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 20, initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' },
} as const;
const local = proxyLocalActivities<Called>(limits);
const ordinary = proxyActivities<Called>(limits);

/** The activities of the example shop are known by what they are called with, since their modules are not for workflows. */
interface Called extends Pick<Activities, 'mail.send' | 'outbound.emit' | 'http.request'> {
  'orders.create': (
    input: { reference: string; amount: number; currency: string },
    context: CallContext,
  ) => Promise<{ id: string; reference: string }>;
  'cashback.grant': (
    input: { orderId: string; amount: number; currency: string },
    context: CallContext,
  ) => Promise<{ amount: number }>;
}

/** Database work as local activities, the mail as an ordinary one, as in Kait's catalogue. */
export function fulfilWithLocalActivities(input: RunInput): Promise<unknown> {
  return fulfil(input, local, ordinary);
}

export function fulfilWithOrdinaryActivities(input: RunInput): Promise<unknown> {
  return fulfil(input, ordinary, ordinary);
}

/** What `three-requests.ts` describes. The start says where the service is, since workflow code reads no settings. */
export async function threeRequestsByHand({ event, vars }: RunInput): Promise<unknown> {
  const { workflowId } = workflowInfo();
  const amount = event.payment?.amount ?? 0;
  const ask = async (id: string, reference: string) => {
    const context = { idempotencyKey: `${workflowId}/${id}`, source: event.source, eventId: event.id };
    const url = `${vars?.url as string}/${id}`; // The bench's own.
    const { body } = await ordinary['http.request']({ method: 'POST', url, body: { reference, amount } }, context);
    return String((body as { id: unknown }).id);
  };
  const reservation = await ask('reserve', event.payment?.id ?? event.id);
  const charge = await ask('charge', reservation);
  return { shipment: await ask('ship', charge) };
}

async function fulfil({ event }: RunInput, database: Called, network: Called): Promise<unknown> {
  const { payment } = event;
  if (!payment?.amount || payment.currency === null) throw new Error('expected a payment with an amount');
  const { amount, currency, customer } = payment;
  const { workflowId } = workflowInfo();
  const step = (id: string) => ({ idempotencyKey: `${workflowId}/${id}`, source: event.source, eventId: event.id });

  const reference = payment.orderId ?? payment.id ?? event.id;
  const order = await database['orders.create']({ reference, amount, currency }, step('order'));
  const cashback =
    amount < 1_000_000
      ? null
      : await database['cashback.grant'](
          { orderId: order.id, amount: Math.floor(amount * 0.05), currency },
          step('cashback'),
        );
  const told = { orderId: order.id, reference: order.reference, amount, currency, cashback: cashback?.amount ?? 0 };
  await Promise.all([
    customer.email === null ? null : network['mail.send']({ to: customer.email, template: 'receipt' }, step('receipt')),
    database['outbound.emit']({ type: 'order.created', data: told }, step('webhook')),
  ]);
  return { orderId: order.id, cashback: cashback?.amount ?? 0 };
}
