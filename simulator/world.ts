import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Definition, RunInput, StepDefaults } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { createAnswerBook, type AnswerBook, type Mocks } from './mocks.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { createScopes, type Scopes } from './scopes.ts';
import type { AskedActivity } from './unmocked-activities.ts';
import { createVirtualClock, type VirtualClock } from './virtual-time.ts';

/** A simulation that exceeds one of these ends as `stuck`. */
export interface SimulationLimits {
  /** Virtual time. Default 400 days. */
  virtualMs: number;
  /** Steps that have ended, counting each iteration of a loop. Default 250,000. */
  steps: number;
  /** Timers that rang and conditions that were met. Default 1,000,000. */
  turns: number;
}

export const simulationLimits: SimulationLimits = {
  virtualMs: 400 * 24 * 60 * 60 * 1000,
  steps: 250_000,
  turns: 1_000_000,
};

/** Thrown when a limit is exceeded, to end even a run that never waits. */
export class LimitExceeded extends Error {
  constructor(limit: string) {
    super(limit);
    this.name = 'LimitExceeded';
  }
}

/** Everything that the runs of one simulation share. */
export interface World {
  event: CanonicalEvent;
  /** The events that were received before it, oldest first. */
  earlier: CanonicalEvent[];
  /** See `RunInput.settings`. */
  settings: JsonObject;
  children: Readonly<Record<string, Definition>>;
  clock: VirtualClock;
  conditions: Conditions;
  scopes: Scopes;
  answers: AnswerBook;
  /** The roles of those who have answered `approve` steps, by `personKey`. */
  roles: Map<string, readonly string[]>;
  madeUp: (asked: AskedActivity) => Json;
  inputFault: (activity: string, input: Json) => string | undefined;
  finalErrors: readonly string[];
  /** Error types after which an attempt has certainly had no effect. */
  harmlessErrors: readonly string[];
  /** Names of the activities whose outcome is known in the end. */
  localActivities: string[];
  activityLimits: Record<string, StepDefaults>;
  /** The definitions that `run` steps start, as a run's input has them. */
  childInputs: NonNullable<RunInput['children']>;
  recorder: Recorder;
  /** See `SimulationOptions.continueEvery`. */
  continueEvery: number;
  /** Steps that have ended. */
  stepsEnded: () => number;
  /** Counts that a run continued as a new one. */
  continued(): void;
  continuations: () => number;
  /** Set after too many steps. */
  exceeded: () => LimitExceeded | undefined;
  /**
   * Runs everything until `isOver`, or until nothing more can happen. Resolves to the exceeded limit, or undefined if none was.
   */
  run(isOver: () => boolean): Promise<string | undefined>;
}

export interface WorldOptions {
  event: CanonicalEvent;
  settings: JsonObject;
  children: Readonly<Record<string, Definition>>;
  mocks: Mocks;
  madeUp: World['madeUp'];
  inputFault: World['inputFault'];
  finalErrors: readonly string[];
  harmlessErrors: readonly string[];
  localActivities: string[];
  activityLimits: World['activityLimits'];
  continueEvery: number;
  limits: SimulationLimits;
}

export function createWorld({ mocks, limits, ...options }: WorldOptions): World {
  const startMs = Date.parse(options.event.receivedAt);
  const clock = createVirtualClock(startMs);
  const conditions = createConditions();
  let stepsEnded = 0;
  let continuations = 0;
  const recorder = createRecorder({ nowMs: clock.nowMs, startMs, stepEnded: () => (stepsEnded += 1) });

  return {
    ...options,
    earlier: [],
    clock,
    conditions,
    childInputs: Object.fromEntries(
      Object.entries(options.children).map(([name, definition]) => [name, { definition, definitionHash: 'simulated' }]),
    ),
    scopes: createScopes(),
    answers: createAnswerBook(mocks),
    roles: new Map(),
    recorder,
    stepsEnded: () => stepsEnded,
    continued: () => void (continuations += 1),
    continuations: () => continuations,
    exceeded() {
      return stepsEnded > limits.steps ? new LimitExceeded(`more than ${limits.steps} steps`) : undefined;
    },
    async run(isOver) {
      const endMs = startMs + limits.virtualMs;
      for (let turn = 0; turn < limits.turns; turn += 1) {
        // Runs await only promises of this world. Node settles all promises that can settle before its next turn. After it, every
        // run waits for a condition or a timer, and only then may the clock move.
        await nextTurn();
        if (isOver()) return undefined;
        if (conditions.release()) continue;
        const nextMs = clock.nextMs();
        if (nextMs === undefined) return undefined;
        if (nextMs > endMs) return `more than ${limits.virtualMs / 86_400_000} days`;
        clock.advance();
      }
      return `more than ${limits.turns} timers and conditions`;
    },
  };
}

/** The conditions that runs wait for. */
interface Conditions {
  /** Calls `met` once `holds` returns true; see {@link release}. `summary` tells operators what is awaited. */
  add(condition: Condition): { remove: () => void };
  /** Checks every condition and calls `met` for those that hold, oldest first. Returns whether any did. */
  release(): boolean;
  /** The summaries of the conditions that are still open. The interpreter's own have none. */
  open(): string[];
}

interface Condition {
  holds: () => boolean;
  met: () => void;
  summary: string;
}

function createConditions(): Conditions {
  const waiting = new Set<Condition>();
  return {
    add(condition) {
      waiting.add(condition);
      return { remove: () => void waiting.delete(condition) };
    },
    release() {
      const met = [...waiting].filter((condition) => condition.holds());
      for (const condition of met) {
        waiting.delete(condition);
        condition.met();
      }
      return met.length > 0;
    },
    open: () => [...waiting].map(({ summary }) => summary).filter((summary) => summary !== ''),
  };
}
