import type { StoredEvent } from './kait-under-load.ts';

/** How the answers that senders got differ from what the inbox holds, in numbers of events. */
export interface Differences {
  /** Acknowledged, but missing from the inbox or in it more than once. */
  lost: number;
  /** In the inbox although answered 503 or unanswered. It will be sent again and count as a duplicate. */
  storedUnanswered: number;
  /** In the inbox although answered in any other way. Such a webhook may never be sent again and must not have been stored. */
  storedThoughRejected: number;
}

/** `eventIds` and `statuses` list each webhook, sent once, and its answer; 0 stands for no answer. */
export function compareWithInbox(
  { eventIds, statuses }: { eventIds: readonly string[]; statuses: readonly number[] },
  stored: readonly StoredEvent[],
): Differences {
  const times = new Map(stored.map(({ id, duplicates }) => [id, 1 + duplicates]));
  const count = (counts: (status: number, times: number) => boolean) =>
    eventIds.filter((id, index) => counts(statuses[index] ?? 0, times.get(id) ?? 0)).length;
  return {
    lost: count((status, times) => isAccepted(status) && times !== 1),
    storedUnanswered: count((status, times) => isSentAgain(status) && times > 0),
    storedThoughRejected: count((status, times) => !isAccepted(status) && !isSentAgain(status) && times > 0),
  };
}

export function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

function isSentAgain(status: number): boolean {
  return status === 503 || status === 0;
}
