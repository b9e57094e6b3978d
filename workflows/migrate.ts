import { openPrefixProblem, isItemOf } from '../language/definition-prefix.ts';
import type { RunInput, Step, StepStatus } from '../language/definition.ts';
import { hasEnded } from '../language/has-ended.ts';
import type { JsonObject } from '../language/json.ts';
import { migratedInput } from '../language/migration.ts';
import { allSteps, effectiveSteps, everyList } from '../language/plan.ts';
import { branchesOf } from '../language/verbs.ts';
import { CommandRefused, type MigrateCommand } from './commands.ts';
import { deadlineId, renderNames, varsId } from './evaluate.ts';
import { carriedItems, rootFrame } from './frames.ts';
import { bare, restoredState, type RunState } from './run-state.ts';
import type { RunContext } from './run-context.ts';

/*
 * How a run under way takes another version of its definition: it continues as new with it, from a moment in which nothing of it is under way.
 * What it waits for, and until when, goes along.
 */

/** Throws a {@link CommandRefused} if the run cannot take the definition now. Changes nothing. */
export function checkMigration({ from, to, seal }: Omit<MigrateCommand, 'verb'>, run: RunContext): void {
  const { input, state, effects } = run;
  const refuse = (refusal: CommandRefused['refusal'], message: string): never => {
    throw new CommandRefused(refusal, message);
  };
  if (to.definitionHash === input.definitionHash) refuse('already-migrated', 'The run has this definition already');
  if (from !== input.definitionHash) refuse('already-migrated', 'The run has taken another definition meanwhile');
  if (input.root !== undefined) refuse('not-possible', 'A child run keeps the definition with which it was started');
  if (effects.isRunCanceled()) refuse('not-possible', 'The run is being canceled');
  if (state.failure !== undefined) refuse('not-possible', 'The run has failed, and is undoing what it did');
  if (isAtItsDeadline(run)) refuse('not-possible', 'The deadline of the run has passed');
  if (!run.continuation.isStill()) refuse('not-waiting', underWay(run));
  const problem = openPrefixProblem(input.definition, to.definition, {
    status: state.status,
    items: carriedItems(state, run.everyStep),
  });
  if (problem !== null) refuse('definition', `The run cannot go on with this definition: ${problem}`);
  refuseBrokenVars({ ...migratedInput(input, to), seal }, run);
}

function isAtItsDeadline({ state, input: { definition } }: RunContext): boolean {
  const { late } = (state.cursors[`${deadlineId} deadline`] ?? {}) as JsonObject; // As `deadline.ts` wrote it.
  const others = [
    ...(Array.isArray(definition.onTimeout) ? definition.onTimeout : []),
    ...(definition.afterUndo ?? []),
  ];
  return late === true || allSteps(others).some(({ id }) => (state.status[id] ?? 'pending') !== 'pending');
}

function underWay({ mailbox }: RunContext): string {
  const calling = mailbox.commands.open().flatMap(([key, state]) => (state === 'calling' ? [`"${key}"`] : []));
  const some = calling.slice(0, 10).join(', ') + (calling.length > 10 ? ', …' : '');
  const what = calling.length === 0 ? 'It is at work' : `It is at work on ${some}`;
  return `${what}. A run takes a definition only while all of it waits, is paused or is parked`;
}

/** New variables are computed when the run goes on, and must not fail it then. */
function refuseBrokenVars(input: RunInput, run: RunContext): void {
  const context = {
    run: { ...run, input, uuids: new Map() },
    frame: rootFrame(run.state),
    stepId: varsId,
    key: varsId,
  };
  try {
    renderNames(input.definition.vars, context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandRefused('definition', `The run cannot go on with this definition: its "vars": ${message}`);
  }
}

interface Place {
  suffix: string;
  outputs: JsonObject;
  status: Record<string, StepStatus>;
}

/** The state of a run for its new definition, in which steps may have come, gone or moved that have not begun. */
export function migratedState(state: RunState, before: RunInput, after: RunInput): RunState {
  const next = restoredState(state);
  settle(effectiveSteps(before), effectiveSteps(after), { ...next, suffix: '' }, next);
  const { onTimeout, afterUndo = [] } = after.definition;
  for (const step of [...(Array.isArray(onTimeout) ? onTimeout : []), ...afterUndo])
    set(step, 'pending', { ...next, suffix: '' }, next);
  const known = new Set(allSteps(everyList(after)).map(({ id }) => id));
  for (const id of Object.keys(next.status)) if (!known.has(id)) Reflect.deleteProperty(next.status, id);
  return next;
}

/** Steps that have begun stay as they are. New ones in a list that is over, such as a branch that was not taken, are skipped like it. */
function settle(before: Step[], after: Step[], place: Place, next: RunState): void {
  const { status } = place;
  const isToCome = ({ id }: Step) => ['pending', 'running', 'parked'].includes(status[id] ?? 'pending');
  const isOver = before.length > 0 && !before.some(isToCome);
  for (const [position, step] of after.entries()) {
    const old = before[position];
    const isKnown = old?.id === step.id && (status[step.id] ?? 'pending') !== 'pending';
    if (!isKnown) set(step, isOver ? 'skipped' : 'pending', place, next);
    else if (!hasEnded(status[step.id])) settleInside(old, step, place, next);
  }
}

function settleInside(before: Step, after: Step, place: Place, next: RunState): void {
  const others = branchesOf(before);
  for (const [position, { label, steps }] of branchesOf(after).entries()) {
    const own = others[position]?.label === label ? others[position] : others.find((each) => each.label === label);
    for (const each of placesIn(before, place, next)) settle(own?.steps ?? [], steps, each, next);
  }
}

/** The items of a loop that are under way; of any other step, where it is itself. */
function placesIn(step: Step, place: Place, next: RunState): Place[] {
  if (!('forEach' in step || 'while' in step)) return [place];
  return Object.entries(next.items).flatMap(([key, item]) => {
    if (!isItemOf(key, `${step.id}${place.suffix}`)) return [];
    const own = { suffix: key.slice(step.id.length), outputs: bare(item.outputs), status: bare(item.status) };
    next.items[key] = own;
    return [own];
  });
}

function set(step: Step, status: 'pending' | 'skipped', { suffix, ...place }: Place, next: RunState): void {
  for (const { id } of allSteps([step])) {
    place.status[id] = status;
    if (status === 'skipped') place.outputs[id] = null;
    else Reflect.deleteProperty(place.outputs, id);
    if (suffix !== '') continue;
    for (const member of [next.startedAt, next.endedAt, next.errors]) Reflect.deleteProperty(member, id);
  }
}
