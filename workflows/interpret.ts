import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  ContinueAsNew,
  continueAsNew,
  currentUpdateInfo,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setCurrentDetails,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { runVerbs, stepVerbs } from '../language/commands.ts';
import type { Definition, RunInput } from '../language/definition.ts';
import { effectiveSteps, planOf, type PlanNode } from '../language/plan.ts';
import { listsOf } from '../language/verbs.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { OpenAnswer, OpenQuestion } from '../language/migration.ts';
import type { RunDetails } from '../language/run-details.ts';
import type { EndedAnswer, EndedQuestion } from '../language/rescue.ts';
import { cutText, jsonBytes, wellFormed } from '../language/well-formed.ts';
import { authorityOf, isContinued } from './authority.ts';
import { createInterpreter, type Carried, type Interpreter } from './interpreter.ts';
import { asStepFailure, safeEffects } from './internal-error.ts';
import { CommandRefused, type CommandSource, type OperatorCommand } from './commands.ts';
import { DecisionRefused, type ApprovalDecision } from './mailbox.ts';
import { readDecision, readEvent, readMigration, readRunCommand, readStepCommand, type Read } from './messages.ts';
import type { ChildResult, Effects, Undone } from './effects.ts';
import { runDetails } from './details.ts';
import { createProgressView, type StepProgress } from './progress.ts';
import { mostMessageLength, RunError } from './run-error.ts';
import { childrenOf, definitionProblem, rescuePlan } from './rescue.ts';
import type { RunState } from './run-state.ts';
import { createRunMemory } from './run-memory.ts';
import { allUndone } from './undo.ts';
import { temporalEffects } from './temporal-effects.ts';
import { temporalStanding } from './temporal-standing.ts';

export const progressQuery = defineQuery<StepProgress[]>('progress');
export const planQuery = defineQuery<PlanNode[]>('plan');
export const detailsQuery = defineQuery<RunDetails>('details');
export const endedQuery = defineQuery<EndedAnswer, [EndedQuestion?]>('ended');
export const openQuery = defineQuery<OpenAnswer, [OpenQuestion?]>('open');
export const eventSignal = defineSignal<[CanonicalEvent]>('event');
export const decideUpdate = defineUpdate<null, [ApprovalDecision]>('decide');
export const stepUpdates = stepVerbs.map((verb) => ({ verb, update: defineUpdate<null, unknown[]>(verb) }));
export const migrateUpdate = defineUpdate<null, unknown[]>('migrate');
export const runUpdates = runVerbs.map((verb) => ({ verb, update: defineUpdate<null, unknown[]>(verb) }));

/**
 * Kait's only workflow. It serves every workflow type, so Temporal shows the definition's name as the type. Its handlers are
 * named: a default signal handler would fail the task forever on a stray `__temporal_…` signal. `carried` is set if the run
 * has continued as new. A run that another one waits for also says how to undo it.
 */
export default async function interpret(input: RunInput, carried?: Carried): Promise<Json | ChildResult> {
  const info = workflowInfo();
  const { workflowId } = info;
  if (carried !== undefined && !isContinued(info)) throw forged();
  const authority = authorityOf(input, info);
  const steps = effectiveSteps(input);
  const [, ...others] = listsOf(input.definition);
  const view = createProgressView(steps, others);
  const details = shownDetails(() => setCurrentDetails(view.checklist(run.state, run.notes())));
  const showProgress = details.changed;
  const noted = (note: string) => {
    log.warn(note, { workflowId });
    showProgress();
  };
  const stands = temporalStanding(input);
  const effects = temporalEffects(input, { workflowId, authority });
  const memory = createRunMemory(() => effects.now());
  const observer = {
    changed: showProgress,
    noted,
    left: showProgress,
    undone: showProgress,
    commanded: showProgress,
    decided: memory.decided,
    requested: memory.requested,
    ...(stands && { stands }),
  };
  const run = createInterpreter({ input, runId: input.rescue?.keys ?? workflowId, effects, observer, carried });
  setHandler(progressQuery, () => view.steps(run.state), {
    description: 'The status, times and error of each step.',
  });
  setHandler(planQuery, () => planOf({ steps }), {
    description: 'The steps of this run.',
  });
  const continuedAt = carried === undefined ? null : info.runStartTime;
  setHandler(detailsQuery, () => runDetails({ input, run, memory, continuedAt }), {
    description: 'All that an operator looks at: steps, inputs, outputs and why conditions decided as they did.',
  });
  setHandler(endedQuery, (question) => endedAnswer(input, run, question), {
    description: 'What a run that goes on from this one would begin with, once it has ended. For Kait itself.',
  });
  setHandler(openQuery, (question) => openAnswer(input, run, question), {
    description: 'What the run is doing, and whether it can take another definition. For Kait itself.',
  });
  handleMessages(run);
  details.watch();
  try {
    const outcome = await run.execute();
    await allAnswered();
    if (outcome.kind === 'completed') {
      const { output, undo } = outcome;
      return input.handsUp === true ? { output, undo } : output;
    }
    return await continueAsNew<typeof interpret>(outcome.input ?? input, outcome.carried);
  } catch (error) {
    await allAnswered();
    const failure = error instanceof ContinueAsNew ? error : asStepFailure(error, null, effects);
    throw failure instanceof RunError ? failureOf(failure, run, effects) : failure;
  } finally {
    details.show();
  }
}

/** Bytes of JSON. It becomes part of an input, and children may add theirs. */
const mostLeft = 1_000_000;

function endedAnswer(input: RunInput, run: Interpreter, question: unknown): EndedAnswer {
  const { undoFailed: given, definition } = (question ?? {}) as Partial<EndedQuestion>; // Whoever asks changes nothing.
  const undoFailed = given === 'undone' ? 'undone' : 'stands';
  const ended = run.ended();
  const plan = rescuePlan(input, ended, undoFailed);
  const problem =
    definition === undefined ? null : definitionProblem(input, ended, undoFailed, definition as unknown as Definition); // Kait's own was checked.
  // JSON by their types.
  const left = { input: input as unknown as JsonObject, ended: ended as unknown as JsonObject };
  return {
    left: jsonBytes(left) <= mostLeft ? left : null,
    children: childrenOf(input, ended, undoFailed),
    plan,
    problem,
  };
}

function openAnswer(input: RunInput, run: Interpreter, question: unknown): OpenAnswer {
  const { to } = (question ?? {}) as Partial<OpenQuestion>; // Whoever asks changes nothing.
  const own = input as unknown as JsonObject; // JSON by its type.
  return { input: jsonBytes(own) <= mostLeft ? own : null, ...run.doing(to) };
}

/** A sender whose update has no answer when the run ends does not learn whether it counted. */
async function allAnswered(): Promise<void> {
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
}

/**
 * Shows the progress once after all that happened at an instant, and not after each step: a run may go through thousands of items.
 * Temporal checks a condition after each change, and this one never holds.
 */
function shownDetails(write: () => void): { changed: () => void; show: () => void; watch: () => void } {
  let isStale = true;
  const show = () => {
    if (isStale) write();
    isStale = false;
  };
  const never = () => {
    show();
    return false;
  };
  return {
    changed: () => void (isStale = true),
    show,
    watch: () => void CancellationScope.nonCancellable(() => condition(never)),
  };
}

/** Only Temporal itself continues a run. A state that somebody else made up would hold outputs and undo steps of their choice. */
function forged(): ApplicationFailure {
  const message = 'The run was started with the state of another run';
  return ApplicationFailure.create({ message, type: 'RunRefused', nonRetryable: true });
}

/**
 * Nothing that a handler is sent may fail the run or its task: not a wrong form, not bytes that are no JSON, not an error of our own.
 * A message that is refused leaves no trace but a note; an update also tells its sender.
 */
function handleMessages(run: Interpreter): void {
  setHandler(eventSignal, (...args: unknown[]) => receive(args, run), {
    description: 'Delivers a later event to the steps that wait for one.',
  });
  setHandler(decideUpdate, (...args: unknown[]) => deciding(args, run), {
    validator: (...args: unknown[]) => void answering(() => run.checkDecision(must(readDecision(args)))),
    description: 'Answers an approve step: {step, approved, by, reason}.',
  });
  for (const { verb, update } of stepUpdates) handle(update, descriptions[verb], (args) => readStepCommand(verb, args));
  handle(migrateUpdate, descriptions.migrate, readMigration);
  for (const { verb, update } of runUpdates) handle(update, descriptions[verb], (args) => readRunCommand(verb, args));

  function handle(
    update: UpdateDefinition<null, unknown[]>,
    description: string,
    read: (args: unknown[]) => Read<OperatorCommand>,
  ): void {
    setHandler(update, (...args: unknown[]) => commanding(() => must(read(args)), run), {
      validator: (...args: unknown[]) => void answering(() => run.checkCommand(must(read(args)))),
      description,
    });
  }
}

const descriptions: Readonly<Record<OperatorCommand['verb'], string>> = {
  retry: 'Begins a step again that is parked or that Temporal retries: {step, by, reason}.',
  skip: 'Skips a step that is parked, retried or waits: {step, by, reason}.',
  setResult: 'Gives the output of a step that is parked, retried or waits: {step, result, by, reason}.',
  editInput: 'Begins a parked or retried step again with another input: {step, input, by, reason}.',
  migrate: 'Goes on with another version of the definition. Sealed by Kait: see "kait runs migrate".',
  pause: 'Lets no further step begin: {by, reason}, or nothing.',
  resume: 'Lets a paused run go on: {by, reason}, or nothing.',
};

/** Fails if the command is not carried out. */
async function commanding(read: () => OperatorCommand & CommandSource, run: Interpreter): Promise<null> {
  try {
    const { id = '' } = currentUpdateInfo() ?? {};
    await run.command({ ...read(), id });
    return null;
  } catch (error) {
    throw refusalFailure(error);
  }
}

function receive(args: readonly unknown[], run: Interpreter): void {
  try {
    run.receive(must(readEvent(args)));
  } catch (error) {
    run.note(`Dropped a signal "event": ${messageOf(error)}`);
  }
}

/** Throws the message, or returns it. */
function must<Message>(read: Read<Message>): Message {
  if ('fault' in read)
    throw ApplicationFailure.create({ message: read.fault, type: 'MessageInvalid', nonRetryable: true });
  return read.message;
}

/**
 * An answer that no step waits for fails the update, so its sender learns why, and the run goes on. Whether a step waits must
 * not depend on how a replay groups events: opening a slot also starts a timer, so that it ends a workflow task.
 */
function answering(answer: () => void): null {
  try {
    answer();
    return null;
  } catch (error) {
    throw refusalFailure(error);
  }
}

/** Fails if the answer does not count. The step has dealt with it by then. */
async function deciding(args: readonly unknown[], run: Interpreter): Promise<null> {
  try {
    const { id = '' } = currentUpdateInfo() ?? {};
    await run.decide({ ...must(readDecision(args)), id });
    return null;
  } catch (error) {
    throw refusalFailure(error);
  }
}

function refusalFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const message = messageOf(error);
  if (error instanceof CommandRefused) {
    const { refusal } = error;
    const type = refusal === 'not-waiting' ? 'NotWaiting' : 'CommandRefused';
    return ApplicationFailure.create({ message, type, nonRetryable: true, details: [{ refusal }] });
  }
  if (!(error instanceof DecisionRefused)) {
    return ApplicationFailure.create({ message, type: 'NotWaiting', nonRetryable: true });
  }
  const { refusal } = error;
  const type = refusal === 'not-waiting' ? 'NotWaiting' : 'DecisionRefused';
  return ApplicationFailure.create({ message, type, nonRetryable: true, details: [{ refusal }] });
}

function messageOf(error: unknown): string {
  return wellFormed(error instanceof Error ? error.message : String(error));
}

/**
 * The details name the step, so that `temporal workflow show` and the Web UI do too. `effect` tells a run that waits for this one
 * whether anything is left of it.
 */
function failureOf(error: RunError, run: Interpreter, effects: Effects): ApplicationFailure {
  return ApplicationFailure.create({
    message: wellFormed(error.message),
    type: wellFormed(error.type),
    nonRetryable: true,
    details: [
      { stepId: error.stepId, undone: someUndone(run.state), effect: run.leavesNothing() ? 'none' : 'unknown' },
    ],
    ...(error.cause === undefined ? {} : { cause: causeOf(error.cause, effects) }),
  });
}

/** What failed at last, and not all that it caused: each run above would repeat it, and Temporal takes 2 MB of a failure. */
function causeOf(cause: unknown, effects: Effects): Error {
  const { type, message } = safeEffects(effects).describe(cause);
  if (cause instanceof TemporalFailure) {
    return ApplicationFailure.create({ message: wellFormed(message), type: wellFormed(type), nonRetryable: true });
  }
  const copy = new Error(wellFormed(message));
  const stack = cause instanceof Error ? cutText(cause.stack ?? '', mostMessageLength) : '';
  return Object.assign(copy, { name: wellFormed(type), stack: wellFormed(stack) });
}

const mostUndoneShown = 500;

/** First those of which something is left. */
function someUndone(state: RunState): Record<string, Undone | undefined> {
  const all = Object.entries(allUndone(state));
  const isDone = ([, undone]: [string, Undone | undefined]) => undone?.outcome === 'done';
  return Object.fromEntries([...all.filter((each) => !isDone(each)), ...all.filter(isDone)].slice(0, mostUndoneShown));
}
