import type { ThreadRequest } from './thread-messages.ts';

/** What the thread has still to do. PGlite does one thing at a time. */
export interface RequestQueue {
  add: (request: ThreadRequest) => void;
  /** Takes the next one, given the transaction that is open. Undefined if there is none, or none that may run before that transaction ends. */
  next: (openTransaction: number | null) => ThreadRequest | undefined;
}

/**
 * Everything is done in the order in which it was asked for, with three exceptions. An open transaction comes before all else until it ends.
 * Urgent statements, which acknowledgements wait for, pass the others, but never twice in a row, so that the others go on, too. A close
 * comes last.
 */
export function createRequestQueue(): RequestQueue {
  const urgent: ThreadRequest[] = [];
  const others: ThreadRequest[] = [];
  /** Of the open transaction, and of those that have ended: they are answered with an error. */
  const within = new Map<number, ThreadRequest[]>();
  let close: ThreadRequest | undefined;
  let isUrgentNext = true;

  function takeWithin(transaction: number): ThreadRequest | undefined {
    const requests = within.get(transaction);
    const request = requests?.shift();
    if (requests?.length === 0) within.delete(transaction);
    return request;
  }

  function takeClose(): ThreadRequest | undefined {
    const request = close;
    close = undefined;
    return request;
  }

  return {
    add(request) {
      const transaction = transactionOf(request);
      if (request.kind === 'close') close = request;
      else if (transaction !== null) within.set(transaction, [...(within.get(transaction) ?? []), request]);
      else if (request.kind === 'query' && request.urgent) urgent.push(request);
      else others.push(request);
    },
    next(openTransaction) {
      if (openTransaction !== null) return takeWithin(openTransaction);
      const [ended] = within.keys();
      if (ended !== undefined) return takeWithin(ended);
      const isUrgent = urgent.length > 0 && (isUrgentNext || others.length === 0);
      isUrgentNext = !isUrgent;
      return (isUrgent ? urgent : others).shift() ?? takeClose();
    },
  };
}

/** The transaction that the request belongs to. Null if it stands for itself. */
export function transactionOf(request: Pick<ThreadRequest, 'kind'> & { transaction?: number | null }): number | null {
  return request.transaction ?? null;
}
