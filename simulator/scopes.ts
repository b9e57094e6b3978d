import { AsyncLocalStorage } from 'node:async_hooks';

/** Rejects a wait whose run or branch is canceled. */
export class Canceled extends Error {
  constructor() {
    super('canceled');
    this.name = 'Canceled';
  }
}

/**
 * Work that is canceled together. The interpreter does not name the scope of a wait: as in Temporal, it is the scope whose work
 * made the call, however many awaits ago.
 */
export interface Scope {
  /** Runs work whose waits belong to this scope. */
  run<Value>(work: () => Value): Value;
  /** Runs work in an inner scope, which is canceled with this one unless it is shielded. */
  branch<Value>(work: () => Promise<Value>, shielded: boolean): { done: Promise<Value>; cancel: () => void };
  /** Rejects all waits, present and future, with {@link Canceled}. */
  cancel(): void;
  /** Whether it was canceled. */
  isCanceled(): boolean;
  /** Drops all waits, those of inner scopes too: they never settle. */
  abandon(): void;
  /**
   * Waits. `begin` arranges how the wait settles and returns a function that calls it off. If `onCancel` is given, canceling calls
   * it instead of rejecting the wait, for work that must end by itself.
   */
  wait<Value>(begin: (settle: Settle<Value>) => () => void, onCancel?: () => void): Promise<Value>;
}

export interface Settle<Value> {
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
}

export interface Scopes {
  /** A scope outside of all others. */
  root(): Scope;
  /** The scope of the calling code. */
  current(): Scope;
  /** Frees what the runtime keeps to track promises. No scope works afterwards. */
  close(): void;
}

export function createScopes(): Scopes {
  const storage = new AsyncLocalStorage<Scope>();
  return {
    root: () => createScope(storage, false),
    current() {
      const scope = storage.getStore();
      if (scope === undefined) throw new Error('An effect was requested outside of any run');
      return scope;
    },
    close: () => storage.disable(),
  };
}

/** A wait or an inner scope. */
type Member = Pick<Scope, 'cancel' | 'abandon'>;

function createScope(storage: AsyncLocalStorage<Scope>, canceledAlready: boolean): Scope {
  let canceled = canceledAlready;
  const members = new Set<Member>();

  const scope: Scope = {
    run: (work) => storage.run(scope, work),
    branch(work, shielded) {
      const inner = createScope(storage, canceled && !shielded);
      const member = shielded ? { ...inner, cancel: () => undefined } : inner;
      members.add(member);
      const done = inner.run(work).finally(() => members.delete(member));
      return { done, cancel: () => inner.cancel() };
    },
    isCanceled: () => canceled,
    cancel() {
      if (canceled) return;
      canceled = true;
      for (const member of [...members]) member.cancel();
    },
    abandon() {
      for (const member of members) member.abandon();
    },
    wait(begin, onCancel) {
      if (canceled && onCancel === undefined) return Promise.reject(new Canceled());
      const waiting = wait(members, begin, onCancel);
      if (canceled) onCancel?.();
      return waiting;
    },
  };
  return scope;
}

function wait<Value>(
  members: Set<Member>,
  begin: (settle: Settle<Value>) => () => void,
  onCancel: (() => void) | undefined,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const settle: Settle<Value> = {
      resolve(value) {
        members.delete(member);
        resolve(value);
      },
      reject(error) {
        members.delete(member);
        reject(error);
      },
    };
    const member: Member = {
      cancel() {
        callOff();
        settle.reject(new Canceled());
      },
      abandon: () => callOff(),
    };
    if (onCancel !== undefined) member.cancel = onCancel;
    members.add(member);
    const callOff = begin(settle);
  });
}
