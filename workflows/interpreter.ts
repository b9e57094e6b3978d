import { allSteps, effectiveSteps, everyList } from '../language/plan.ts';
import type { RunInput, Step } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { migratedInput, type NewDefinition, type OpenAnswer } from '../language/migration.ts';
import { createContinuation } from './continuation.ts';
import { runAfterUndo } from './after-undo.ts';
import { withinDeadline } from './deadline.ts';
import type { Effects, StepError, UndoEntry } from './effects.ts';
import { deadlineId, outputId, render, renderNames, varsId } from './evaluate.ts';
import { failedUndos, failurePolicyOf, leaveAll, undoesOnCancel, undoAll, withUndosUnderWay } from './undo.ts';
import { performStep } from './verbs/perform-step.ts';
import { mayTake } from './verbs/wait-for.ts';
import { carriedItems, rootFrame } from './frames.ts';
import { asStepFailure, safeEffects } from './internal-error.ts';
import {
  createMailbox,
  refusedDecision,
  type ApprovalDecision,
  type CarriedMail,
  type NumberedDecision,
} from './mailbox.ts';
import {
  type CommandableState,
  checkEditedInput,
  CommandRefused,
  isStepCommand,
  type MigrateCommand,
  type NumberedCommand,
  type OperatorCommand,
  type StepCommand,
} from './commands.ts';
import type { Frame, RunContext, RunObserver } from './run-context.ts';
import { RunError, RunStopped, withMore } from './run-error.ts';
import { type EndedRun, rescuedState } from './rescue.ts';
import { checkMigration, migratedState } from './migrate.ts';
import { newRunState, restoredState, type RunState } from './run-state.ts';
import { standing } from './standing.ts';
import { runLimits } from '../language/verbs.ts';
import { jsonBytes, utf8Length } from '../language/well-formed.ts';
import { runSteps, skipStep } from './run-step.ts';
import { createTurn } from './turn.ts';
import { createWorkload } from './workload.ts';

/** A run of one definition for one event. */
export interface Interpreter {
  /**
   * Runs the steps. Rejects with a {@link RunError} if a step fails and nothing handles it, or with the host's cancellation; in
   * both cases after undoing. Call it once.
   */
  execute(): Promise<Outcome>;
  /** Changes while the run goes on; for queries. */
  state: RunState;
  /** What a run that goes on from this one would begin with. */
  ended(): EndedRun;
  /** After a failure: whether the run undid all that its definition undoes. */
  leavesNothing(): boolean;
  /** Takes a later event for `waitFor`, and keeps it if no step waits for it yet. Notes and drops one that no step could take. */
  receive(event: CanonicalEvent): void;
  /** Answers an `approve` step. Resolves once the answer counts, and rejects with a `DecisionRefused` if it does not. */
  decide(decision: NumberedDecision): Promise<void>;
  /** Does what an operator commands. Resolves once it is recorded and handed over, and rejects with a `CommandRefused` if that cannot be. */
  command(command: NumberedCommand): Promise<void>;
  /** Throw as `decide` and `command` would at once, and change nothing. */
  checkDecision(decision: ApprovalDecision): void;
  checkCommand(command: OperatorCommand): void;
  /** Keeps a note for operators of what the run dropped, and why. */
  note(text: string): void;
  notes(): readonly string[];
  /** The keys of the steps that take commands now, and of those that wait for answers. */
  open(): { commandable: [key: string, state: CommandableState][]; asking: string[] };
  /** What the run is doing, and why it cannot take the definition. */
  doing(to?: NewDefinition): Omit<OpenAnswer, 'input'>;
}

/**
 * `continue`: the run must continue as new, and the next interpreter gets `carried`, and `input` if it is another one. Do not use this one again.
 */
export type Outcome =
  | {
      kind: 'completed';
      output: Json;
      /** How to undo what the run has done, for the run that started it. */
      undo: UndoEntry[];
    }
  | { kind: 'continue'; carried: Carried; input?: RunInput };

/** The state that a run takes along when it continues as new. JSON. */
export interface Carried {
  state: RunState;
  mail: CarriedMail;
  /** Set if the run goes on with another definition. */
  migrated?: true;
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
 * Interprets a definition through `effects`. Deterministic: the same input and the same outcomes of effects lead to the same
 * calls in the same order.
 */
export function createInterpreter({ input, runId, observer, carried, ...host }: InterpreterOptions): Interpreter {
  let received = 0;
  const isLong = () => received > runLimits.receivedBytes || host.effects.isLong();
  const effects = { ...safeEffects(host.effects), isLong };
  const steps = effectiveSteps(input);
  const everyStep = everyList(input);
  const begun = carried === undefined ? beginningOf(input) : null;
  const state = begun?.state ?? (carried === undefined ? newRunState(everyStep) : restoredState(carried.state));
  const mailbox = createMailbox(carried?.mail ?? begun?.mail, (text) => observer.noted?.(text));
  let carryOver: () => Error | undefined = () => undefined;
  let goOn: (outcome: Outcome) => void = () => undefined;
  let isMigrating = false;
  const workload = createWorkload(effects);
  const continuation = createContinuation(effects, workload, {
    carryOver: () => carryOver(),
    isPaused: () => state.paused !== undefined,
    isOwed: () => !mailbox.commands.areFree(),
  });
  const turn = createTurn({ input, state, effects, noted: (text) => mailbox.note(text) });
  const shared = { input, steps, everyStep, runId, effects, state, mailbox, observer, continuation, workload, turn };
  const own = { uuids: new Map(), inDoubt: new Set<string>(), undoing: new Map(), undosRecorded: 0 };
  const run: RunContext = { ...shared, ...own, perform: performStep };

  function refuseTwoMigrations(): void {
    if (isMigrating) throw new CommandRefused('not-possible', 'The run is taking another definition at the moment');
  }

  /** Checked once it is recorded: a replay may deliver the command before what it is about. */
  async function migrate(command: NumberedCommand & MigrateCommand): Promise<void> {
    refuseTwoMigrations();
    isMigrating = true;
    const release = continuation.hold();
    try {
      await record(command, run).finally(release);
      checkMigration(command, run);
      const carriedOn = carriedBy(run);
      if (carriedOn instanceof RunError) throw new CommandRefused('not-possible', carriedOn.message);
      continuation.end();
      const next: RunInput = { ...migratedInput(input, command.to), seal: command.seal };
      const migrated: Carried = { ...carriedOn, state: migratedState(carriedOn.state, input, next), migrated: true };
      goOn({ kind: 'continue', carried: migrated, input: next });
    } finally {
      isMigrating = false;
    }
    observer.commanded?.(command);
  }

  return {
    execute() {
      return new Promise((resolve, reject) => {
        goOn = resolve;
        carryOver = () => {
          const carriedOn = carriedBy(run);
          if (carriedOn instanceof RunError) return carriedOn;
          resolve({ kind: 'continue', carried: carriedOn });
          return undefined;
        };
        if (state.paused !== undefined) tellPause(true, run); // It has continued as new while it was paused.
        continuation.watch();
        toEnd(run, carried).then((output) => {
          resolve({ kind: 'completed', output, undo: state.undo });
        }, reject);
      });
    },
    state,
    ended() {
      const known = { ...withUndosUnderWay(run), items: carriedItems(state, everyStep) };
      return { state: known, taken: mailbox.carried().taken };
    },
    leavesNothing() {
      const undoes = failurePolicyOf(input.definition, input.children) === 'undo';
      return undoes && state.undo.length === 0 && failedUndos(state).length === 0;
    },
    receive(event) {
      received += jsonBytes(event);
      if (allSteps(everyStep).some((step) => 'waitFor' in step && mayTake(step, event, input.event.source)))
        mailbox.receive(event);
      else
        mailbox.note(
          `Dropped the event ${event.id} (${event.type} from ${event.source}): no step waits for such events`,
        );
    },
    async decide(decision) {
      const settled = mailbox.asks.put(decision);
      const release = continuation.hold(); // The next run could not tell the sender what came of it.
      const { refusal } = await settled.finally(release);
      if (refusal !== null) throw refusedDecision(refusal, decision.step);
    },
    command: (command) => (command.verb === 'migrate' ? migrate(command) : carryOut(command, run)),
    checkDecision: (decision) => mailbox.asks.check(decision),
    checkCommand(command) {
      if (command.verb !== 'migrate') return checkCommand(command, run);
      refuseTwoMigrations();
      checkMigration(command, run);
    },
    note: (text) => mailbox.note(text),
    notes: () => mailbox.notes(),
    open: () => ({ commandable: mailbox.commands.open(), asking: mailbox.carried().asking }),
    doing: (to) => openAnswer(to, run),
  };
}

function openAnswer(to: NewDefinition | undefined, run: RunContext): Omit<OpenAnswer, 'input'> {
  const { mailbox, state, input } = run;
  const slots = mailbox.commands.open();
  const keysOf = (wanted: CommandableState) => slots.flatMap(([key, each]) => (each === wanted ? [key] : []));
  let problem: OpenAnswer['problem'] = null;
  try {
    if (to !== undefined) checkMigration({ from: input.definitionHash, to, seal: '' }, run);
  } catch (error) {
    // A definition that is none cannot be taken, either.
    const refusal = error instanceof CommandRefused ? error.refusal : 'definition';
    problem = { refusal, message: error instanceof Error ? error.message : String(error) };
  }
  return {
    ...{ parked: keysOf('parked'), calling: keysOf('calling'), waiting: keysOf('waiting') },
    asking: mailbox.carried().asking,
    isPaused: state.paused !== undefined,
    isUndoing: state.failure !== undefined,
    problem,
  };
}

/** Of a run that goes on from one that has ended. */
function beginningOf(input: RunInput): { state: RunState; isRedo: boolean; mail: CarriedMail } | null {
  const { ended = null, undoFailed, undone } = input.rescue ?? {};
  if (ended === null) return null;
  const endedRun = ended as unknown as EndedRun; // Written by Kait, and sealed.
  const how = { ...(undoFailed && { undoFailed }), ...(undone && { undone }) };
  const mail = { events: [], taken: endedRun.taken, drops: 0, asking: [], commandable: [], notes: [] };
  return { ...rescuedState(input, endedRun, how), mail };
}

function checkCommand(command: OperatorCommand, { everyStep, mailbox, state }: RunContext): void {
  if (isStepCommand(command)) {
    mailbox.commands.check(command);
    const [id] = command.step.split('/', 1);
    const isIt = (step: Step) => step.id === id;
    checkEditedInput(command, allSteps(everyStep).find(isIt));
  } else if (command.verb === 'pause') {
    if (state.paused !== undefined) throw new CommandRefused('already-paused', 'The run is paused already');
  } else if (command.verb === 'resume' && state.paused === undefined)
    throw new CommandRefused('not-paused', 'The run is not paused');
}

/**
 * Records the command first, so that nothing is done that nobody can account for. Meanwhile the run does not continue as new: the next run
 * could not tell the sender what came of it.
 */
async function carryOut(command: NumberedCommand, run: RunContext): Promise<void> {
  checkCommand(command, run);
  const release = run.continuation.hold();
  try {
    if (isStepCommand(command)) await tellStep(command, run);
    // If two arrive at once, the second may have nothing left to do. Then it is not recorded either.
    else await run.mailbox.commands.inTurn(() => tellRun(command, run));
  } finally {
    release();
  }
  run.observer.commanded?.(command);
}

async function tellStep(command: NumberedCommand & StepCommand, run: RunContext): Promise<void> {
  const reservation = run.mailbox.commands.reserve(command);
  try {
    await record(command, run);
    reservation.deliver();
  } catch (error) {
    reservation.release();
    throw error;
  }
}

async function tellRun(command: NumberedCommand, run: RunContext): Promise<void> {
  const { state, effects } = run;
  checkCommand(command, run);
  await record(command, run);
  if (command.verb === 'pause') {
    const { by = null, reason = null } = command;
    state.paused = { by, reason, at: effects.now() };
  } else delete state.paused;
  tellPause(command.verb === 'pause', run);
}

function tellPause(begins: boolean, { observer }: Pick<RunContext, 'observer'>): void {
  observer.stands?.({ state: 'paused', key: '', begins });
}

async function record(command: NumberedCommand, { effects }: RunContext): Promise<void> {
  const refusal = await effects.shielded(() => effects.recordCommand(command));
  if (refusal !== null) throw new CommandRefused(refusal, refusedRecord);
}

const refusedRecord = 'The command says that Kait sent it, which is not so';

function setVars(run: RunContext, frame: Frame): void {
  const { vars } = run.input.definition;
  const context = { run, frame, stepId: varsId, key: varsId };
  // A run that goes on from another one may have a definition with more of them.
  Object.assign(run.state.vars, renderNames(vars, context), run.input.vars, { ...run.state.vars });
}

/** Gives the run's turn back last, when all that it has done is undone or stands. */
async function toEnd(run: RunContext, carried: Carried | undefined): Promise<Json> {
  const { turn, effects } = run;
  try {
    const output = await complete(run, carried);
    await turn.ends('completed');
    return output;
  } catch (error) {
    const isCanceled = effects.isCancellation(error) || effects.isRunCanceled();
    await turn.ends(isCanceled ? 'canceled' : describe(error, run));
    throw error;
  }
}

async function complete(run: RunContext, carried: Carried | undefined): Promise<Json> {
  const frame = rootFrame(run.state);
  const isMigrated = carried?.migrated === true;
  if (isMigrated) await run.effects.shielded(() => run.effects.migrated(run.input.definitionHash));
  if (isMigrated || carried === undefined) setVars(run, frame);
  try {
    if (run.state.failure !== undefined) throw failureOf(run.state.failure);
    const stopped = await runToEnd(run, frame);
    return handedUp(stopped ? outputAfterStop(run, frame) : outputOf(run, frame), run);
  } catch (thrown) {
    const error = asStepFailure(thrown, null, run.effects);
    await undoAfter(error, run);
    const told = withFailedUndos(error, run);
    throw error instanceof RunError ? await runAfterUndo(told as RunError, frame, run) : told; // As for its failure.
  } finally {
    run.mailbox.asks.closeAll();
  }
}

/** Resolves to whether the run ended before its last step: by a `stop`, or at its deadline. */
async function runToEnd(run: RunContext, frame: Frame): Promise<boolean> {
  try {
    return !(await runInTime(run, frame));
  } catch (error) {
    if (error instanceof RunStopped) return true;
    throw error;
  }
}

/** Resolves to false if the deadline has passed and `onTimeout` does not fail the run. */
async function runInTime(run: RunContext, frame: Frame): Promise<boolean> {
  const { deadline, onTimeout } = run.input.definition;
  const work = () => runSteps(run.steps, frame, run);
  if (deadline === undefined) {
    await work();
    return true;
  }
  const failure = () => new RunError('TimedOut', null, `The run was not done within ${deadline}`);
  const limit = { deadline, onTimeout, key: deadlineId, inside: run.steps, summary: 'deadline of the run', failure };
  return withinDeadline(limit, frame, run, work);
}

function outputOf(run: RunContext, frame: Frame): Json {
  return render(run.input.definition.output ?? null, { run, frame, stepId: outputId, key: outputId });
}

/** A `stop` is a success, and so is the end of a run that goes on after its deadline. Steps that have not run count as skipped, so that the output can refer to them. */
function outputAfterStop(run: RunContext, frame: Frame): Json {
  const { onTimeout } = run.input.definition;
  for (const step of allSteps([...run.steps, ...(Array.isArray(onTimeout) ? onTimeout : [])])) {
    if (frame.status[step.id] === 'pending') skipStep(step, frame, run);
    frame.outputs[step.id] ??= null;
  }
  return outputOf(run, frame);
}

/** Fails if what must be undone later is too large for the run that started this one: it would be lost. */
function handedUp(output: Json, { input, state }: RunContext): Json {
  if (input.handsUp !== true) return output;
  const size = jsonBytes(state.undo);
  if (size <= mostCarried) return output;
  throw new RunError(
    'TooLarge',
    null,
    `The run cannot hand up how to undo it: that takes ${size} bytes, and at most ${mostCarried} fit`,
  );
}

/** Undoes the run's effects if the definition asks for it. Nothing interrupts that, not even a cancellation. */
async function undoAfter(error: unknown, run: RunContext): Promise<void> {
  const { definition, children } = run.input;
  const isCanceled = run.effects.isCancellation(error);
  const undoes = isCanceled ? undoesOnCancel(definition, children) : failurePolicyOf(definition, children) === 'undo';
  if (!isCanceled) run.state.failure ??= describe(error, run);
  if (!undoes) return leaveAll(run);
  const undo = () => run.continuation.finishing(() => run.effects.shielded(() => undoAll(run)));
  await (run.state.undo.length === 0
    ? undo()
    : standing('undoing', { key: run.state.failure?.stepId ?? '', run }, undo));
}

function describe(error: unknown, { effects }: RunContext): StepError & { stepId: string | null } {
  if (error instanceof RunError) {
    const { type, message, stepId, answer } = error;
    return { type, message, stepId, ...(answer && { answer }) };
  }
  return { ...effects.describe(error), stepId: null };
}

function failureOf({ type, message, stepId, answer }: StepError & { stepId: string | null }): RunError {
  return new RunError(type, stepId, message, answer && { answer });
}

/** An operator must know first which effects could not be undone, and so must a run that waits for this one. */
function withFailedUndos(error: unknown, { state }: RunContext): unknown {
  const left = failedUndos(state);
  if (left.length === 0) return error;
  const what = `Undoing these steps failed: ${left.join(', ')}`;
  if (!(error instanceof RunError)) return new RunError('UndoFailed', null, `The run was canceled. ${what}`);
  return withMore(error, what);
}

/** Bytes of JSON. The input is sent beside it, and whoever waits for the run gets its output as well. */
const mostCarried = 600_000;

/** Returns a copy of what the run knows, or an error if that is too large. */
function carriedBy(run: RunContext): Carried | RunError {
  const { state, mailbox, everyStep } = run;
  const carried = { state: { ...state, items: carriedItems(state, everyStep) }, mail: mailbox.carried() };
  const text = JSON.stringify(carried);
  const size = utf8Length(text);
  // A copy: a wait may still end within this workflow task, and take an event from the mail that is carried already.
  if (size <= mostCarried) return JSON.parse(text) as Carried; // JSON by its type.
  if (state.kept !== undefined) {
    delete state.kept;
    return carriedBy(run);
  }
  return new RunError(
    'TooLarge',
    null,
    `The run is too large to continue as new: its outputs, variables and undo steps take ${size} bytes, and at most ${mostCarried} fit`,
  );
}
