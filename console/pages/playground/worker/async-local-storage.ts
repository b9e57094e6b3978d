/*
 * What the simulator needs of `node:async_hooks`, for its web worker. The build turns `await` of the simulator and the interpreter into calls of `then`,
 * because only these can be followed: each continuation runs with the store of the code that asked for it.
 */

let current: { storage: object; store: unknown } | undefined;

type Continue = (value: unknown) => unknown;

/* oxlint-disable typescript/unbound-method -- It is called with its promise. */
const originalThen = Promise.prototype.then as (this: unknown, ...handlers: (Continue | null | undefined)[]) => unknown;

Reflect.defineProperty(Promise.prototype, 'then', {
  configurable: true,
  writable: true,
  value(this: unknown, ...handlers: (Continue | null | undefined)[]) {
    return originalThen.apply(this, handlers.map(inPresentContext));
  },
});

function inPresentContext(handler: Continue | null | undefined): Continue | null | undefined {
  const context = current;
  if (typeof handler !== 'function') return handler;
  return (value) => within(context, () => handler(value));
}

function within<Value>(context: typeof current, work: () => Value): Value {
  const before = current;
  current = context;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** As in Node, as far as the simulator uses it. */
export class AsyncLocalStorage<Store> {
  run<Value>(store: Store, work: () => Value): Value {
    return within({ storage: this, store }, work);
  }

  getStore(): Store | undefined {
    return current?.storage === this ? (current.store as Store) : undefined; // It is what `run` was given.
  }

  disable(): void {
    if (current?.storage === this) current = undefined;
  }
}
