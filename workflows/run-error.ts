/**
 * Why a step, and with it mostly the run, failed. `catch` may handle it; where nothing does, hosts turn it into a failure of
 * the run, which is never retried.
 */
export class RunError extends Error {
  /**
   * What `catch` names and operators filter by: the activity's own type, a `fail` step's, or one of the interpreter's:
   * `ExpressionFailed`, `TooLarge`, `TimedOut`, `Rejected`, `TooManyIterations`, `AllFailed`.
   */
  readonly type: string;
  /** The step that failed; null where it is the run's `output` or `vars`. */
  readonly stepId: string | null;

  constructor(type: string, stepId: string | null, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RunError';
    this.type = type;
    this.stepId = stepId;
  }
}

/** A `stop` step on its way up: no failure, so nothing catches it. */
export class RunStopped extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RunStopped';
  }
}
