import { AsyncLocalStorage } from 'node:async_hooks';

/** What a wait is rejected with when its run, or the branch it belongs to, is canceled. */
export class Canceled extends Error {
  constructor() {
    super('canceled');
    this.name = 'Canceled';
  }
}

/**
 * What is canceled together. The interpreter does not say to which scope a wait belongs: as with Temporal, it is the one whose
 * work the call came from, however many awaits ago.
 */
export interface Scope {
  /** Runs work whose waits belong to this scope. */
  run<Value>(work: () => Value): Value;
  /** Runs work in a scope within, which is canceled with this one unless it is shielded. */
  branch<Value>(work: () => Promise<Value>, shielded: boolean): { done: Promise<Value>; cancel: () => void };
  /** Rejects all waits with {@link Canceled}, and those that come later. */
  cancel(): void;
  /** Forgets all waits, of the scopes within as well: nothing settles them any more. */
  abandon(): void;
  /**
   * A wait. `begin` arranges for it to settle, and returns what calls that off. `onCancel`, where given, is called in place of
   * rejecting, for what has to end by itself.
   */
  wait<Value>(begin: (settle: Settle<Value>) => () => void, onCancel?: () => void): Promise<Value>;
}

export interface Settle<Value> {
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
}

export interface Scopes {
  /** A scope that is within no other. */
  root(): Scope;
  /** The scope of the code that calls. */
  current(): Scope;
  /** Frees what the runtime keeps to follow promises. No scope works any more. */
  close(): void;
}

export function createScopes(): Scopes {
  const storage = new AsyncLocalStorage<Scope>();
  return {
    root: () => createScope(storage, false),
    current() {
      const scope = storage.getStore();
      if (scope === undefined) throw new Error('An effect was asked for outside of any run');
      return scope;
    },
    close: () => storage.disable(),
  };
}

/** A wait, or a scope within. */
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
    cancel() {
      if (canceled) return;
      canceled = true;
      for (const member of [...members]) member.cancel();
    },
    abandon() {
      for (const member of members) member.abandon();
    },
    wait: (begin, onCancel) => (canceled ? Promise.reject(new Canceled()) : wait(members, begin, onCancel)),
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
