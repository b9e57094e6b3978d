/** What an activity's own code can say of its failure. */
export interface ErrorOptions {
  /**
   * `none`: the attempt has certainly changed nothing, so there is nothing to undo. `unknown`: it may have. Default: `none` for a
   * `PermanentError`, `unknown` for a `TransientError`. What a `database` activity did is rolled back in any case.
   */
  effect?: 'none' | 'unknown';
  /** Stays in the worker's log. */
  cause?: unknown;
}

/** Also tells the errors of another copy of this package. */
const brand = Symbol.for('kait.activity-error');

abstract class ActivityError extends Error {
  abstract readonly [brand]: 'permanent' | 'transient';
  /** The failure's type, by which a definition can handle it: `"catch": [{ "errors": ["CardDeclined"], … }]`. */
  readonly type: string;
  readonly effect: ErrorOptions['effect'];

  constructor(type: string, message: string, { effect, cause }: ErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.type = type;
    this.effect = effect;
  }
}

/** The same call can never succeed, so it is not tried again. */
export class PermanentError extends ActivityError {
  override readonly name = 'PermanentError';
  readonly [brand] = 'permanent';
}

/** Another attempt may succeed. The step's retries decide when, unless `retryAfterMs` asks for a longer pause. */
export class TransientError extends ActivityError {
  override readonly name = 'TransientError';
  readonly [brand] = 'transient';
  readonly retryAfterMs: number | undefined;

  constructor(
    type: string,
    message: string,
    { retryAfterMs, ...options }: ErrorOptions & { retryAfterMs?: number } = {},
  ) {
    super(type, message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A deliberate error, as far as it is well-formed. @internal */
export interface ToldError {
  kind: 'permanent' | 'transient';
  type: unknown;
  message: unknown;
  effect?: unknown;
  retryAfterMs?: unknown;
}

/** Null if the error is not one of the two. @internal */
export function toldBy(error: unknown): ToldError | null {
  if (typeof error !== 'object' || error === null || !(brand in error)) return null;
  return {
    ...(error as unknown as ToldError),
    message: (error as { message?: unknown }).message,
    kind: error[brand] as ToldError['kind'],
  };
}
