import { CancelledFailure } from '@temporalio/common';
import { askDatabase } from '../ask-database.ts';
import type { Log } from '../log.ts';
import type { GatewayInput, GatewayOutput } from './gateway-activities.ts';
import type { GatewayClient } from './gateway-client.ts';
import { unansweredFailure } from './unanswered.ts';

export interface ReconcileDeps {
  gateways: Pick<GatewayClient, 'reconcile'>;
  clock: () => Date;
  log: Log;
  attempt: () => { canceled: AbortSignal };
}

/**
 * The activity `gateway.reconcile`: stores the events of a source that did not arrive. One that is interrupted starts over,
 * which stores nothing twice. Throws what {@link unansweredFailure} says.
 */
export async function reconcileSource(
  deps: ReconcileDeps,
  { source }: GatewayInput<'gateway.reconcile'>,
): Promise<GatewayOutput<'gateway.reconcile'>> {
  const { canceled } = deps.attempt();
  const answer = await askDatabase(() => deps.gateways.reconcile({ source, signal: canceled }));
  if (canceled.aborted) throw new CancelledFailure('The run was canceled while the gateway was asked');
  if (answer.kind !== 'reconciled') throw unansweredFailure(answer, deps.clock());
  const { asked, found, missing, stored } = answer;
  // What was missing is worth an operator's look: the gateway's webhooks do not all arrive.
  deps.log[missing === 0 ? 'info' : 'warn']({ source, asked, found, missing, stored }, 'source reconciled');
  return { asked, found, missing, stored };
}
