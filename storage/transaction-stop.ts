import type { TransactionLimits } from './database.ts';

/** A transaction took longer than it may. It was rolled back. */
export class TransactionTimeout extends Error {
  override readonly name = 'TransactionTimeout';

  constructor(limitMs: number) {
    super(`The transaction took longer than ${limitMs} ms`);
  }
}

/** Statements come too late: the transaction has been committed or rolled back. */
export class TransactionOver extends Error {
  override readonly name = 'TransactionOver';

  constructor() {
    super('The transaction is over');
  }
}

export interface TransactionStop {
  /** Aborted when the limits say so. */
  signal: AbortSignal;
  /** Rejects then, with the reason. */
  stopped: Promise<never>;
  /** Takes the limits away. */
  end(): void;
}

/** Watches over a transaction's limits from now on. */
export function watchLimits({ limitMs, canceled }: TransactionLimits): TransactionStop {
  const stop = new AbortController();
  const stopped = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error)); // Both reasons below are errors.
  });
  stopped.catch(() => undefined); // Nobody may be waiting for it any more.
  const timer = setTimeout(() => stop.abort(new TransactionTimeout(limitMs)), limitMs);
  const cancel = () => stop.abort(canceled?.reason);
  if (canceled?.aborted === true) cancel();
  else canceled?.addEventListener('abort', cancel, { once: true });
  return {
    signal: stop.signal,
    stopped,
    end() {
      clearTimeout(timer);
      canceled?.removeEventListener('abort', cancel);
    },
  };
}
