import type { Reconciled, Unanswered } from '../../../activities/gateway/gateway-client.ts';
import { askOpen } from './ask-open.ts';
import { unavailable } from './ask-gateway.ts';
import type { GatewayClientDeps } from './gateway-client.ts';
import { listPages } from './list-pages.ts';
import { storeMissing, type FoundBody } from './store-missing.ts';

/** Bodies that the gateway gave for its requests so far, or why it gives no more. */
export type Found = { kind: 'found'; bodies: FoundBody[] } | Unanswered;

/** A webhook may take that long, its first repetition included, before it counts as missing. */
const settleMs = 2 * 60 * 1_000;

/** Stores the events of a source that did not arrive: see `GatewayClient.reconcile`. */
export async function reconcileSource(
  deps: GatewayClientDeps,
  { source: name, signal }: { source: string; signal: AbortSignal },
): Promise<Reconciled | Unanswered> {
  const source = deps.sources.get(name);
  const list = source?.ask.list ?? null;
  if (source === undefined || list === null) return unavailable(`This worker cannot ask the gateway of "${name}"`);
  // A payment that is still open is asked about however old it is.
  const sinceMs = list.kind === 'list' ? deps.nowMs() - source.lookBackMs : 0;
  const total: Reconciled = { kind: 'reconciled', asked: 0, found: 0, missing: 0, stored: 0 };
  const answers = list.kind === 'list' ? listPages(deps, source, list, signal) : askOpen(deps, source, list, signal);
  for await (const answer of answers) {
    if (answer.kind !== 'found') return answer;
    const stored = await storeMissing(deps, source, { bodies: answer.bodies, settleMs, sinceMs });
    total.asked += 1;
    total.found += stored.found;
    total.missing += stored.missing;
    total.stored += stored.stored;
    if (stored.found > 0 && stored.old === stored.found) break; // Lists begin with the newest.
  }
  return total;
}
