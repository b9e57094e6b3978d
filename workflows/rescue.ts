import { isItemOf, prefixProblem } from '../language/definition-prefix.ts';
import type { Definition, ForEachStep, RunInput, Step, StepStatus } from '../language/definition.ts';
import { hasRun } from '../language/has-ended.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { allSteps, effectiveSteps, everyList } from '../language/plan.ts';
import { childKeyOf, type ChildToRescue, type RescuePlan, type UndoFailed } from '../language/rescue.ts';
import { branchesOf } from '../language/verbs.ts';
import type { UndoEntry } from './effects.ts';
import { carriedItems } from './frames.ts';
import { bare, newRunState, restoredState, type RunState } from './run-state.ts';
import { groupOf } from './undo.ts';

/*
 * How a run goes on from one that has ended. If nothing was undone, it goes on at the steps that failed, were canceled or were under way:
 * what has ended stands, and so do the decisions. If something was undone, it goes through the definition once more: steps that stand keep their
 * outputs, undone ones are done under new keys, and variables and decisions are computed again, since they may depend on those.
 */

/** What a run that has ended leaves to one that goes on from it. JSON. */
export interface EndedRun {
  state: RunState;
  /** See `CarriedMail.taken`. */
  taken: string[];
}

interface Walk {
  ended: RunState;
  next: RunState;
  isRedo: boolean;
  /** The keys of the steps that were undone and are to be done again, children's included. */
  undone: ReadonlySet<string>;
  /** Those that were undone before the run ended, with why: they stay undone unless the race or the group begins again. */
  undoneBefore: [key: string, by: string][];
  /** Those of which that has turned out on the way. */
  found: Set<string>;
}

/** The frame that a list of steps had. */
interface Place {
  suffix: string;
  outputs: JsonObject;
  status: Record<string, StepStatus>;
}

/** How a run goes on from another one. `undone`: the keys that whoever waited for that one has undone. */
interface How {
  undoFailed?: UndoFailed;
  undone?: string[];
}

interface Rescued {
  state: RunState;
  isRedo: boolean;
  /** The keys of the steps that are done again, children's included. */
  again: ReadonlySet<string>;
}

/** The state with which a run begins that goes on from another one. */
export function rescuedState(input: RunInput, endedRun: EndedRun, how: How): Rescued {
  const ended = restoredState({ ...endedRun.state, items: carriedItems(endedRun.state, everyList(input)) });
  const { atEnd, before } = undoneWith(ended, how.undoFailed);
  const undone = new Set([...atEnd, ...(how.undone ?? [])]);
  // What begins again may have undone more, which makes the run begin again.
  for (;;) {
    const { state, found } = walkedThrough(input, ended, how, undone, before);
    if (found.size === 0) return { state, isRedo: undone.size > 0, again: undone };
    for (const key of found) undone.add(key);
  }
}

function walkedThrough(
  input: RunInput,
  ended: RunState,
  { undoFailed = 'stands', undone: byParent = [] }: How,
  undone: ReadonlySet<string>,
  before: [key: string, by: string][],
): { state: RunState; found: Set<string> } {
  const everyStep = everyList(input);
  const isRedo = undone.size > 0;
  const next = newRunState(everyStep);
  const undoneBefore = before.filter(([key]) => !undone.has(key));
  const walk: Walk = { ended, next, isRedo, undone, undoneBefore, found: new Set() };
  next.retried = true;
  if (!isRedo) Object.assign(next.vars, ended.vars);
  next.undo = standing(ended, undone, undoFailed);
  next.doubts = next.undo.filter(({ inDoubt }) => inDoubt).length;
  next.generations = generationsOf(input, walk, undoFailed, byParent);
  if (undoneBefore.length > 0) next.undoneBy = bare(Object.fromEntries(undoneBefore));
  next.loops = bare(ended.loops);
  if (ended.childRuns !== undefined) next.childRuns = ended.childRuns;
  if (ended.kept !== undefined) next.kept = ended.kept;
  for (const step of allSteps(everyStep)) takeOver(step.id, ended, next);
  resetList(effectiveSteps(input), { suffix: '', outputs: next.outputs, status: next.status }, walk, isRedo);
  const { onTimeout, afterUndo = [] } = input.definition;
  for (const { id } of allSteps([...(Array.isArray(onTimeout) ? onTimeout : []), ...afterUndo])) {
    reset(id, { suffix: '', outputs: next.outputs, status: next.status }, walk);
  }
  return { state: next, found: walk.found };
}

/** What a run that goes on from this one would do. */
export function rescuePlan(input: RunInput, endedRun: EndedRun, undoFailed?: UndoFailed): RescuePlan {
  const { state, isRedo, again } = rescuedState(input, endedRun, undoFailed === undefined ? {} : { undoFailed });
  const { ended } = { ended: endedRun.state };
  const leaves = allSteps(effectiveSteps(input)).filter((step) => branchesOf(step).length === 0);
  const was = (id: string, ...statuses: StepStatus[]) => statuses.includes(ended.status[id] ?? 'pending');
  const broken = leaves.filter(({ id }) => was(id, 'failed', 'canceled', 'running', 'parked'));
  const from = broken.filter(({ id }) => state.status[id] === 'pending' || !Object.hasOwn(state.outputs, id));
  return {
    kind: isRedo ? 'redo' : 'resume',
    stands: leaves.flatMap(({ id }) =>
      was(id, 'done', 'timedOut') && state.status[id] === ended.status[id] ? [id] : [],
    ),
    again: [...again].sort(),
    from: from.map(({ id }) => id),
    inDoubt: from.flatMap(({ id }) => (isInDoubt(id, ended) ? [id] : [])),
    undoFailed: (ended.undoFailed ?? []).map(({ key }) => key),
  };
}

/** Why a run that goes on from this one cannot have another definition. Null: it can. */
export function definitionProblem(
  input: RunInput,
  endedRun: EndedRun,
  undoFailed: UndoFailed,
  definition: Definition,
): string | null {
  const { state } = rescuedState(input, endedRun, { undoFailed });
  return prefixProblem(input.definition, definition, state.status, (id) => hasRun(endedRun.state.status[id]));
}

function isInDoubt(id: string, { leftInDoubt, undo, status }: RunState): boolean {
  if (status[id] === 'running' || leftInDoubt?.[id] === true) return true;
  return undo.some(({ key, inDoubt }) => inDoubt && key === id);
}

/** What does not stand any more: because the run ended, and before that, with the race or the late group that has undone it. */
function undoneWith(
  { undoneBy = {}, undoFailed: failed = [] }: RunState,
  undoFailed: UndoFailed = 'stands',
): { atEnd: string[]; before: [key: string, by: string][] } {
  const standing = new Set(undoFailed === 'stands' ? failed.map(({ key }) => key) : []);
  const entries = Object.entries(undoneBy).filter(([key]) => !standing.has(key));
  return {
    atEnd: entries.flatMap(([key, by]) => (by === null ? [key] : [])),
    before: entries.flatMap(([key, by]): [string, string][] => (by === null ? [] : [[key, by]])),
  };
}

/** Notes what a race or a late group that begins again has undone. A race that was decided stays so. */
function findUndone(key: string, isDecided: boolean, { undoneBefore, found }: Walk): void {
  for (const [undone, by] of undoneBefore) {
    if ((by === key && !isDecided) || by === groupOf(key)) found.add(undone);
  }
}

/** The undo entries of what stands, in the order in which it happened, as far as that is known. */
function standing({ undo, undoFailed: failed = [] }: RunState, undone: ReadonlySet<string>, undoFailed: UndoFailed) {
  const stands = ({ key }: UndoEntry) => !undone.has(key);
  return [...(undoFailed === 'stands' ? failed.toReversed() : []), ...undo].filter(stands);
}

/** Steps that tell of a failure do so once for each. */
function generationsOf(
  { definition, first }: RunInput,
  { ended }: Walk,
  undoFailed: UndoFailed,
  byParent: string[],
): Record<string, number> {
  const generations = bare(ended.generations);
  const raise = (key: string) => (generations[key] = (generations[key] ?? 1) + 1);
  if (undoFailed === 'undone') for (const { key } of ended.undoFailed ?? []) raise(key);
  for (const key of byParent) raise(key);
  const everyStep = allSteps(everyList({ definition, ...(first && { first }) }));
  const finals = everyStep.flatMap((step) =>
    'try' in step && step.finally !== undefined ? allSteps(step.finally) : [],
  );
  for (const { id } of [...finals, ...allSteps(definition.afterUndo ?? [])]) {
    if (hasRun(ended.status[id])) raise(id);
  }
  return generations;
}

function takeOver(id: string, ended: RunState, next: RunState): void {
  next.status[id] = ended.status[id] ?? 'pending';
  if (Object.hasOwn(ended.outputs, id)) next.outputs[id] = ended.outputs[id] ?? null;
  for (const member of ['startedAt', 'endedAt'] as const) {
    const at = ended[member][id];
    if (at !== undefined) next[member][id] = at;
  }
}

/** Steps that were skipped were decided on, unless they say that they were only not reached. */
function resetList(steps: Step[], place: Place, walk: Walk, decidesAgain: boolean): void {
  const left = walk.ended.wreck?.skipped ?? {};
  for (const step of steps) {
    if (left[`${step.id}${place.suffix}`] === true) resetStep(step, place, walk);
    else if (place.status[step.id] === 'skipped') {
      if (decidesAgain) for (const { id } of allSteps([step])) reset(id, place, walk);
    } else if (!stands(step, place, walk)) resetStep(step, place, walk);
  }
}

function stands(step: Step, { suffix, status }: Place, walk: Walk): boolean {
  const { isRedo, undone } = walk;
  if (!['done', 'timedOut'].includes(status[step.id] ?? 'pending')) return false;
  if (!isRedo) return true;
  const inside = new Map(allSteps([step]).map((each) => [each.id, each]));
  if ([...undone].some((key) => inside.has(idOf(key)) && isIn(key, suffix))) return false;
  return ![...inside.values()].some((each) => 'set' in each && status[each.id] !== 'skipped');
}

function idOf(key: string): string {
  return key.split(/[/ ]/, 1)[0] ?? '';
}

/** Whether a key is of the frame, or of an item of a loop in it. */
function isIn(key: string, suffix: string): boolean {
  return `${key.slice(idOf(key).length)}/`.startsWith(`${suffix}/`);
}

function reset(id: string, { outputs, status, suffix }: Place, { next }: Walk): void {
  status[id] = 'pending';
  Reflect.deleteProperty(outputs, id);
  if (suffix !== '') return;
  Reflect.deleteProperty(next.startedAt, id);
  Reflect.deleteProperty(next.endedAt, id);
}

/** A step that is to run again, or some of whose steps are. */
function resetStep(step: Step, place: Place, walk: Walk): void {
  const { ended, next, isRedo } = walk;
  const key = `${step.id}${place.suffix}`;
  const was = place.status[step.id];
  const output = place.outputs[step.id] ?? null;
  const cursor = (ended.wreck?.cursors[key] ?? ended.cursors[key]) as JsonObject | undefined; // As its verb wrote it.
  const goesOn = (own: JsonObject) => {
    next.cursors[key] = own;
    place.status[step.id] = isRedo ? 'pending' : 'running';
  };
  const hasBegun = allSteps([step])
    .slice(1)
    .some(({ id }) => hasRun(place.status[id]));
  reset(step.id, place, walk);
  findUndone(key, !isRedo && cursor !== undefined, walk);
  if (!isRedo && hasRun(was) && hasBegun && !isWaiting(step)) place.status[step.id] = 'running'; // It has passed its guard.
  if ('forEach' in step) {
    const own = loopCursor(step, { place, was, output, cursor }, walk);
    if (own !== undefined) goesOn(own);
    resetItems(
      step,
      place,
      walk,
      (index) => own === undefined || own.open.includes(index) || index >= own.next,
      own?.caught,
    );
  } else if ('while' in step) {
    const goesOnAt = isRedo ? undefined : cursor;
    if (goesOnAt !== undefined) goesOn(goesOnAt);
    const from = goesOnAt === undefined ? 0 : Number(goesOnAt.iteration);
    resetItems(step, place, walk, (index) => index >= from);
  } else if ('waitFor' in step || 'approve' in step) {
    const reacting = reactionCursor(step, { was, output, cursor });
    if (reacting !== undefined) goesOn(reacting);
    for (const { steps } of branchesOf(step)) resetList(steps, place, walk, reacting === undefined || isRedo);
  } else if ('try' in step) resetTry(step, cursor, place, walk, goesOn);
  else if ('parallel' in step) {
    const failed = step.join === 'settle' ? (cursor?.failed ?? []) : [];
    if (cursor !== undefined && !isRedo) goesOn({ ...cursor, failed });
    for (const { steps, label } of branchesOf(step)) {
      resetList(steps, place, walk, isRedo || label !== 'parallel');
    }
  } else if ('wait' in step) {
    if (cursor !== undefined && was !== 'failed') goesOn(cursor);
  } else {
    const decided = ('then' in step || 'switch' in step) && !isRedo && cursor !== undefined;
    if (decided) goesOn(cursor);
    const decidesAgain = isRedo || ('do' in step ? false : !decided);
    for (const { steps, label } of branchesOf(step))
      resetList(steps, place, walk, decidesAgain || label === 'onTimeout');
  }
}

function isWaiting(step: Step): boolean {
  return 'waitFor' in step || 'approve' in step;
}

interface Former {
  was: StepStatus | undefined;
  output: Json;
  cursor: JsonObject | undefined;
}

/** A step that has its event or answer, or none in time, and whose reaction is to go on. Undefined: it waits or asks once more. */
function reactionCursor(step: Step, { was, output, cursor }: Former): JsonObject | undefined {
  if ('waitFor' in step) {
    if (was === 'timedOut' || was === 'done') return { event: output };
    return cursor?.event === null && Array.isArray(step.onTimeout) ? cursor : undefined;
  }
  if (!('approve' in step)) return undefined;
  if (was === 'timedOut') return { decided: null, answers: [] };
  const given = output as JsonObject | null; // As the step gave it.
  if (was === 'done' && given !== null) return { decided: given.approved ?? null, answers: given.answers ?? [] };
  const isReacting = cursor?.decided === null ? Array.isArray(step.onTimeout) : Array.isArray(step.onReject);
  return cursor?.decided !== undefined && cursor.decided !== true && isReacting ? cursor : undefined;
}

/** `finally` runs again, under keys of its own: see `generationsOf`. */
function resetTry(
  step: Extract<Step, { try: Step[] }>,
  cursor: JsonObject | undefined,
  place: Place,
  walk: Walk,
  goesOn: (own: JsonObject) => void,
): void {
  const { isRedo } = walk;
  const isCaught = !isRedo && cursor?.caught !== undefined;
  if (isCaught) goesOn({ part: 'catch', caught: cursor.caught ?? null });
  for (const { steps, label } of branchesOf(step)) {
    if (label === 'finally') for (const { id } of allSteps(steps)) reset(id, place, walk);
    else if (label === 'try') {
      if (!isCaught) resetList(steps, place, walk, isRedo);
    } else resetList(steps, place, walk, !isCaught);
  }
}

interface ItemsCursor extends JsonObject {
  items: Json[] | null;
  next: number;
  open: number[];
  done: number;
  failed: { index: number }[] & Json[];
  results: Json[];
  /** See the cursor of `forEach`. */
  caught?: JsonObject;
}

/** Which items are to run again. Undefined: all of them. */
function loopCursor(
  step: ForEachStep,
  { place, was, output, cursor }: Former & { place: Place },
  walk: Walk,
): ItemsCursor | undefined {
  const { isRedo, undone } = walk;
  const races = step.forEach.join === 'first';
  const body = allSteps([step]).slice(1);
  if (isRedo && (races || body.some((each) => 'set' in each))) return undefined;
  const former = (was === 'done' ? cursorOfOutput(output) : cursor) as ItemsCursor | undefined;
  if (former === undefined) return undefined;
  const broken = (former.broken as number[] | undefined) ?? [];
  const lost = races && former.winner === undefined ? former.failed.map(({ index }) => index) : [];
  const ids = new Set(body.map(({ id }) => id));
  const redone = [...undone]
    .filter((key) => ids.has(idOf(key)) && isIn(key, place.suffix))
    .map((key) => {
      return Number(key.slice(idOf(key).length + place.suffix.length + 1).split('/', 1)[0]);
    });
  const open = [...new Set([...former.open, ...broken, ...lost, ...redone])].sort((one, other) => one - other);
  const again = new Set(open);
  const failed = former.failed.filter(({ index }) => !again.has(index));
  const done = former.next - open.length - failed.length;
  return {
    items: former.items,
    next: former.next,
    open,
    done,
    failed,
    results: former.results,
    caught: isRedo ? {} : (former.caught ?? {}), // A decision: see `resetTry`.
  };
}

function cursorOfOutput(output: Json): JsonObject | undefined {
  const { count, done, failed, results } = (output ?? {}) as JsonObject;
  if (typeof count !== 'number') return undefined;
  return { items: null, next: count, open: [], done: done ?? 0, failed: failed ?? [], results: results ?? [] };
}

/**
 * The items of a loop that are known, as they are to go on. If it began a second time, some may not have been reached. `caught`: those
 * whose failure is being handled, by index.
 */
function resetItems(
  step: Step,
  { suffix }: Place,
  walk: Walk,
  isToRun: (index: number) => boolean,
  caught: JsonObject = {},
): void {
  const { ended, next, isRedo } = walk;
  const all = { ...ended.kept?.items, ...ended.items, ...ended.wreck?.items };
  for (const [key, item] of Object.entries(all)) {
    const own = key.slice(step.id.length);
    if (!isItemOf(key, `${step.id}${suffix}`)) continue;
    const index = Number(own.slice(suffix.length + 1));
    if (!isToRun(index)) continue;
    const place = { suffix: own, outputs: bare(item.outputs), status: bare(item.status) };
    const isHandled = Object.hasOwn(caught, index);
    for (const { steps, label } of branchesOf(step)) {
      if (!isHandled || label !== 'do') resetList(steps, place, walk, isRedo);
    }
    next.items[key] = { outputs: place.outputs, status: place.status };
  }
}

/** The child runs that must go on with a run, and what of theirs was undone since. */
export function childrenOf(input: RunInput, endedRun: EndedRun, undoFailed: UndoFailed): ChildToRescue[] {
  const { childRuns = {}, status } = endedRun.state;
  const { again } = rescuedState(input, endedRun, { undoFailed });
  return Object.entries(childRuns).flatMap(([key, workflowId]) => {
    const undone = [...again].flatMap((each) => {
      const child = childKeyOf(each);
      return child?.run === key ? [child.inner] : [];
    });
    const hasEnded = status[idOf(key)] === 'done' && key === idOf(key);
    return hasEnded && undone.length === 0 ? [] : [{ key, workflowId, undone }];
  });
}
