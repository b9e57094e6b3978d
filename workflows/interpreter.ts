import { allSteps, effectiveSteps } from '../language/plan.ts';
import type { RunInput } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { createContinuation } from './continuation.ts';
import type { Effects } from './effects.ts';
import { outputPlace, render, renderNames, varsPlace } from './evaluate.ts';
import { failurePolicyOf, undoesOnCancel } from './failure-policy.ts';
import { carriedItems, rootFrame } from './frames.ts';
import { createMailbox, type ApprovalDecision, type CarriedMail, type SteerCommand } from './mailbox.ts';
import type { Frame, RunContext, RunObserver, StepError } from './run-context.ts';
import { RunError, RunStopped } from './run-error.ts';
import { newRunState, restoredState, type RunState } from './run-state.ts';
import { runSteps, skipStep } from './run-step.ts';
import { undoAll } from './undo.ts';

/** A run of one definition for one event. */
export interface Interpreter {
  /**
   * Runs the steps. Rejects with a {@link RunError} where one fails and nothing handles it, and with the host's cancellation;
   * either when what had to be undone was. Call it once.
   */
  execute(): Promise<Outcome>;
  /** Live; for queries. */
  state: RunState;
  /** An event that came later, for `waitFor`. Kept where no step waits for it yet. */
  receive(event: CanonicalEvent): void;
  /** Answers an `approve` step. Throws an Error where that step does not wait. */
  decide(decision: ApprovalDecision): void;
  /** Tells a parked step how to go on. Throws an Error where it is not parked. */
  steer(command: SteerCommand): void;
}

/** `continue`: the run shall go on as a new one, whose interpreter gets `carried`. This one must not be used again. */
export type Outcome = { kind: 'completed'; output: Json } | { kind: 'continue'; carried: Carried };

/** What a run that continues as new takes along. JSON. */
export interface Carried {
  state: RunState;
  mail: CarriedMail;
}

export interface InterpreterOptions {
  input: RunInput;
  /** The workflow's id. */
  runId: string;
  effects: Effects;
  observer: RunObserver;
  carried?: Carried | undefined;
}

/**
 * Interprets a definition by `effects`. Deterministic: the same input and the same outcomes of the effects make the same
 * calls in the same order.
 */
export function createInterpreter({ input, runId, effects, observer, carried }: InterpreterOptions): Interpreter {
  const steps = effectiveSteps(input);
  const state = carried === undefined ? newRunState(steps) : restoredState(carried.state);
  const mailbox = createMailbox(carried?.mail);
  let carryOver: () => Error | undefined = () => undefined;
  const continuation = createContinuation(effects, () => carryOver());
  const run: RunContext = { input, steps, runId, effects, state, mailbox, observer, continuation, uuids: new Map() };

  return {
    execute() {
      return new Promise((resolve, reject) => {
        carryOver = () => {
          const carriedOn = carriedBy(run);
          if (carriedOn instanceof RunError) return carriedOn;
          resolve({ kind: 'continue', carried: carriedOn });
          return undefined;
        };
        complete(run, carried === undefined).then((output) => resolve({ kind: 'completed', output }), reject);
      });
    },
    state,
    receive: (event) => mailbox.receive(event),
    decide: (decision) => mailbox.approvals.put(decision),
    steer: (command) => mailbox.parked.put(command),
  };
}

function setVars(run: RunContext, frame: Frame): void {
  const { vars } = run.input.definition;
  const place = { run, frame, stepId: varsPlace, key: varsPlace };
  Object.assign(run.state.vars, renderNames(vars, place), run.input.vars);
}

async function complete(run: RunContext, isNew: boolean): Promise<Json> {
  const frame = rootFrame(run.state);
  if (isNew) setVars(run, frame);
  try {
    if (run.state.failure !== undefined) throw failureOf(run.state.failure);
    await runSteps(run.steps, frame, run);
    return outputOf(run, frame);
  } catch (error) {
    if (error instanceof RunStopped) return outputAfterStop(run, frame);
    await undoAfter(error, run);
    throw withTraces(error, run);
  }
}

function outputOf(run: RunContext, frame: Frame): Json {
  return render(run.input.definition.output ?? null, { run, frame, stepId: outputPlace, key: outputPlace });
}

/** A `stop` is a success: what has not run counts as skipped, so that the output can name it. */
function outputAfterStop(run: RunContext, frame: Frame): Json {
  for (const step of allSteps(run.steps)) {
    if (frame.status[step.id] === 'pending') skipStep(step, frame, run);
    frame.outputs[step.id] ??= null;
  }
  return outputOf(run, frame);
}

/** Undoes what was done, where the definition wants that. Nothing interrupts it, not even a cancellation. */
async function undoAfter(error: unknown, run: RunContext): Promise<void> {
  const { definition } = run.input;
  if (run.effects.isCancellation(error)) {
    if (!undoesOnCancel(definition)) return;
    await run.continuation.unbroken(() => run.effects.shielded(() => undoAll(run)));
  } else if (failurePolicyOf(definition) === 'undo') {
    run.state.failure ??= describe(error, run);
    await run.effects.shielded(() => undoAll(run));
  }
}

function describe(error: unknown, { effects }: RunContext): StepError & { stepId: string | null } {
  if (error instanceof RunError) return { type: error.type, message: error.message, stepId: error.stepId };
  return { ...effects.describe(error), stepId: null };
}

function failureOf({ type, message, stepId }: StepError & { stepId: string | null }): RunError {
  return new RunError(type, stepId, message);
}

/** An effect that could not be taken back is what an operator has to know first. */
function withTraces(error: unknown, { state }: RunContext): unknown {
  const left = Object.keys(state.undone).filter((key) => state.undone[key] === 'failed');
  if (!(error instanceof RunError) || left.length === 0) return error;
  const message = `${error.message}. Not undone, since undoing failed: ${left.join(', ')}`;
  return new RunError(error.type, error.stepId, message, { cause: error.cause });
}

/** Characters of JSON. Temporal takes 2 MB, of which the input needs a part; a larger one would jam the workflow task. */
const mostCarried = 600_000;

/** An error where it is too large. */
function carriedBy({ state, mailbox, steps }: RunContext): Carried | RunError {
  const carried = { state: { ...state, items: carriedItems(state, steps) }, mail: mailbox.carried() };
  const size = JSON.stringify(carried).length;
  if (size <= mostCarried) return carried;
  const message = `The run is too large to continue as new: ${size} characters of outputs, variables and undo steps, of at most ${mostCarried}`;
  return new RunError('TooLarge', null, message);
}
