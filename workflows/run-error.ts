/** Why a run ends as failed by the interpreter's own decision; hosts turn it into their failure. Never retried. */
export class RunError extends Error {
  /** `StepFailed`, `ExpressionFailed` or `TooLarge`; what operators filter by. */
  readonly type: RunErrorType;
  /** The step that failed; null where it is the run's `output`. */
  readonly stepId: string | null;

  constructor(type: RunErrorType, stepId: string | null, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RunError';
    this.type = type;
    this.stepId = stepId;
  }
}

export type RunErrorType = 'StepFailed' | 'ExpressionFailed' | 'TooLarge';
