import type { Definition, FailurePolicy, StepDefaults } from '../language/definition.ts';

/** How this installation runs definitions, as far as an explanation depends on it. */
export interface RunRules {
  /** Names of activities that run as local activities; all others are ordinary ones. */
  localActivities: readonly string[];
  /** The activities behind the verbs. */
  emitActivity: string;
  httpActivity: string;
  /** Fills in what neither a step nor its definition says. */
  limitsMs: (own: StepDefaults, defaults?: StepDefaults) => LimitsMs;
  failurePolicyOf: (definition: Definition) => FailurePolicy;
  undoesOnCancel: (definition: Definition) => boolean;
}

export interface LimitsMs {
  /** Of one attempt. */
  timeoutMs: number;
  /** Of all attempts with their pauses; null: none. */
  deadlineMs: number | null;
  retry: {
    /** The first included. */
    attempts: number;
    firstMs: number;
    factor: number;
    maxMs: number;
    /** Error types that are not tried again. */
    except: string[];
  };
}
