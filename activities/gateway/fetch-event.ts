import { z } from 'zod';
import { askDatabase } from '../ask-database.ts';
import { activityFailure } from '../failure-types.ts';
import type { Log } from '../log.ts';
import { fetchInput } from './gateway-activities.ts';
import type { Fetched, GatewayClient } from './gateway-client.ts';
import { unansweredFailure } from './unanswered.ts';

export interface FetchDeps {
  gateways: Pick<GatewayClient, 'fetch'>;
  clock: () => Date;
  log: Log;
  attempt: () => { canceled: AbortSignal };
}

/**
 * The standalone activity `gateway.fetch`: gets what a notice is about and stores it as events. Ends quietly where the gateway
 * knows nothing of it, since anybody can send a notice. Throws what {@link unansweredFailure} says.
 */
export async function fetchEvent(deps: FetchDeps, input: unknown): Promise<Fetched> {
  const parsed = fetchInput.safeParse(input);
  if (!parsed.success) throw activityFailure('InputInvalid', `gateway.fetch: ${z.prettifyError(parsed.error)}`);
  const { source, eventId } = parsed.data;
  const answer = await askDatabase(() => deps.gateways.fetch({ source, eventId, signal: deps.attempt().canceled }));
  if (answer.kind !== 'fetched' && answer.kind !== 'absent') throw unansweredFailure(answer, deps.clock());
  const outcome = answer.kind === 'absent' ? { outcome: 'absent' } : { stored: answer.stored, known: answer.known };
  deps.log.info({ source, event: eventId, ...outcome }, 'notice followed');
  return answer;
}
