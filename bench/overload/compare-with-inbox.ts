import type { StoredEvent } from './kait-under-load.ts';

/** What senders were told, against what is there. Counts of events. */
export interface Differences {
  /** Acknowledged and not in the inbox, or in it more than once. */
  lost: number;
  /** In the inbox although answered 503 or not at all: it comes again and is a duplicate then. */
  storedUnanswered: number;
  /** In the inbox although answered in any other way, so that it may never come again and should not have been taken. */
  storedThoughRefused: number;
}

/** `eventIds`: of the webhooks, each of which was sent once. `statuses`: of their answers, 0 where none came. */
export function compareWithInbox(
  { eventIds, statuses }: { eventIds: readonly string[]; statuses: readonly number[] },
  stored: readonly StoredEvent[],
): Differences {
  const times = new Map(stored.map(({ id, duplicates }) => [id, 1 + duplicates]));
  const count = (counts: (status: number, times: number) => boolean) =>
    eventIds.filter((id, index) => counts(statuses[index] ?? 0, times.get(id) ?? 0)).length;
  return {
    lost: count((status, times) => isAccepted(status) && times !== 1),
    storedUnanswered: count((status, times) => comesAgain(status) && times > 0),
    storedThoughRefused: count((status, times) => !isAccepted(status) && !comesAgain(status) && times > 0),
  };
}

export function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

function comesAgain(status: number): boolean {
  return status === 503 || status === 0;
}
