import { readEvents } from '../gateway/read-events.ts';
import type { RequestView } from '../gateway/request-view.ts';
import type { Source } from '../gateway/sources.ts';
import { factsOf, searchable } from '../search/event-facts.ts';

/** Anybody may have sent it, so no more than this is read of it. */
const mostBytes = 64 * 1024;
const mostEvents = 3;
const mostClaims = 8;

/**
 * The ids that a rejected request says it is about: those of its events, payments and orders, at most eight. Nobody has verified any of them. They serve to find
 * the rejection beside the genuine events of a payment, and only their hashes are stored. Never throws.
 */
export function claimsOf(source: Pick<Source, 'name' | 'preset'>, view: RequestView, at: Date): string[] {
  if (view.request.body.length === 0 || view.request.body.length > mostBytes) return [];
  try {
    const read = readEvents(source.preset, source.name, view.unverified(), at).slice(0, mostEvents);
    const ids = read.flatMap(({ event, unreadable }) => {
      if (unreadable !== null) return [];
      const { orderId, paymentId } = factsOf(event);
      return [orderId, paymentId, event.entity, event.id];
    });
    return [...new Set(ids.map(searchable).filter((id) => id !== null))].slice(0, mostClaims);
  } catch {
    return []; // A request that nobody believes needs no explanation.
  }
}
