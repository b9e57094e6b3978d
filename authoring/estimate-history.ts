import { awaitOf } from '../language/awaited-emit.ts';
import type { ApproveStep, Definition, ForEachStep, Step, StepOf, UndoAction, Verb } from '../language/definition.ts';
import { parseDuration } from '../language/time.ts';
import { guardOf, runLimits, verbOf } from '../language/verbs.ts';
import { atOnce, cost, eventsOf, inSequence, nothing, oneOf, perhaps, times, type Cost, type Range } from './cost.ts';
import type { RunRules } from './run-rules.ts';

export interface HistoryEstimate {
  /** Events of a run in which no step fails, not counting the items of loops. */
  events: Range;
  /** What each item adds, for loops whose list is known only at run time. */
  perItem: { loop: string; events: Range }[];
  /** Where the run continues as new; null if it never does. */
  continues: Continuing | null;
}

export interface Continuing {
  loop: string | null;
  /** After how many items; `max` is null if the cheapest items never get there. */
  afterItems: { min: number; max: number | null } | null;
}

/** From this many events on the server suggests continuing as new: Temporal's `limit.historyCount.suggestContinueAsNew`. */
const suggestedAt = 4_096;
/** After this many activity calls Kait continues as new by itself. */
const mostCalls = runLimits.callsPerRun;
/** The start with its first task, and the end. */
const frameOfRun = cost(2, 1, 0);

/**
 * Estimates how many events a run writes to its history, based on recorded ones. Retries of ordinary activities add none. Not
 * counted: retries of local activities that last longer than a minute, and events that no step waits for.
 */
export function estimateHistory(
  definition: Pick<Definition, 'steps' | 'deadline' | 'onTimeout'>,
  rules: RunRules,
): HistoryEstimate {
  const work = withinDeadline(costOfList(definition.steps, rules), definition, rules);
  const whole = inSequence([frameOfRun, work]);
  const perItem = whole.items.map((item) => ({ loop: item.loop, events: rounded(eventsOf(item.cost)) }));
  return { events: rounded(eventsOf(whole)), perItem, continues: continuesOf(whole) };
}

function continuesOf(whole: Cost): Continuing | null {
  const base = eventsOf(whole);
  const [largest] = whole.items.toSorted((a, b) => eventsOf(b.cost).max - eventsOf(a.cost).max);
  if (largest === undefined) {
    return base.max > suggestedAt || whole.calls.max > mostCalls ? { loop: null, afterItems: null } : null;
  }
  const item = eventsOf(largest.cost);
  const itemsAt = (end: 'min' | 'max', other: 'min' | 'max') =>
    Math.min(
      until(suggestedAt - base[other], item[end]),
      until(mostCalls - whole.calls[other], largest.cost.calls[end]),
    );
  const [min, max] = [itemsAt('max', 'max'), itemsAt('min', 'min')];
  if (min === Infinity) return null;
  return { loop: largest.loop, afterItems: { min, max: max === Infinity ? null : max } };
}

function rounded({ min, max }: Range): Range {
  return { min: Math.floor(min), max: Math.ceil(max) };
}

/** Infinity if items add nothing. */
function until(left: number, perItem: number): number {
  return perItem === 0 ? Infinity : Math.ceil(Math.max(0, left) / perItem);
}

function costOfList(steps: Step[] | undefined, rules: RunRules): Cost {
  return inSequence((steps ?? []).map((step) => costOfGuarded(step, rules)));
}

function costOfGuarded(step: Step, rules: RunRules): Cost {
  const costOf = costs[verbOf(step)] as CostOf<Step>; // The verb says of which type the step is.
  const own = costOf(step, rules);
  return guardOf(step) === undefined ? own : perhaps(own);
}

type CostOf<S extends Step> = (step: S, rules: RunRules) => Cost;

const costs: { [V in Verb]: CostOf<StepOf[V]> } = {
  call: costOfAction,
  http: costOfAction,
  /** An activity for each ten minutes of waiting, most often one. */
  emit: (step, rules) => {
    if (awaitOf(step) === undefined) return costOfAction(step, rules);
    const ended = oneOf([nothing, costOfList(step.onExhausted, rules), costOfReaction(step.onTimeout, rules)]);
    return inSequence([costOfAction(step, rules), cost(3, 1, 0), ended]);
  },
  /** Timer started, timer fired, and a task. An instant that has passed costs nothing. */
  wait: ({ wait }) => (typeof wait === 'string' ? timer : perhaps(timer)),
  /**
   * A marker each for opening the wait, for taking the event and for closing the wait. A later event also has its signal, a task, and a timer
   * that is started and canceled. None: a timer.
   */
  waitFor: ({ onTimeout }, rules) =>
    oneOf([cost(3, 0, 0), cost(6, 1, 0), inSequence([cost(2, 0, 0), afterTimer(onTimeout, rules)])]),
  approve: costOfApprove,
  parallel: (step, rules) => {
    const { parallel, join } = step;
    const branches = parallel.map((branch) => costOfGuarded(branch, rules));
    const all = atOnce(branches);
    const race = join === 'first' || typeof join === 'object' ? oneOf([all, oneOf(branches)]) : all;
    return withinDeadline(race, step, rules);
  },
  forEach: costOfForEach,
  while: (step, rules) => times(costOfList(step.do, rules), { min: 0, max: step.max }),
  if: (step, rules) => oneOf([costOfList(step.then, rules), costOfList(step.else, rules)]),
  switch: (step, rules) =>
    oneOf([...step.switch.map((each) => costOfList(each.do, rules)), costOfList(step.default, rules)]),
  try: (step, rules) => {
    const handlers = (step.catch ?? []).map((handler) => costOfList(handler.do, rules));
    return inSequence([costOfList(step.try, rules), oneOf([nothing, ...handlers]), costOfList(step.finally, rules)]);
  },
  do: (step, rules) => withinDeadline(costOfList(step.do, rules), step, rules),
  /** Initiated and started with a task, completed with another, which other work may share. */
  run: ({ detach }) => (detach === true ? cost(2, 1, 0) : cost(3, { min: 1, max: 2 }, 0)),
  set: () => nothing,
  stop: () => ({ ...nothing, mayStop: true }),
  fail: () => nothing,
};

/** A timer that is canceled. At the deadline, part of the work, and what `onTimeout` does. */
function withinDeadline(
  work: Cost,
  { deadline, onTimeout }: Pick<Definition, 'deadline' | 'onTimeout'>,
  rules: RunRules,
): Cost {
  if (deadline === undefined) return work;
  const late = inSequence([timer, perhaps(work), costOfReaction(onTimeout, rules)]);
  return oneOf([inSequence([cost(2, 0, 0), work]), late]);
}

const timer = cost(2, 1, 0);
/** An update, accepted and completed, after a canceled timer, and an activity that records it. */
const answer = cost(7, 2, 0);

/** The question is recorded by an activity, and its end by a local one. A round of mails is an activity, after a timer. */
function costOfApprove({ by, mail, remind, timeout, onReject, onTimeout }: ApproveStep, rules: RunRules): Cost {
  const needed = by?.min ?? 1;
  const ends = [
    times(answer, { min: needed, max: needed }),
    inSequence([times(answer, { min: 1, max: needed }), costOfReaction(onReject, rules)]),
    inSequence([times(answer, { min: 0, max: needed - 1 }), afterTimer(onTimeout, rules)]),
  ];
  const rounds = mail === undefined ? 0 : 1 + reminders(remind, timeout);
  return inSequence([cost(4, 1, 0), times(cost(5, 1, 0), { min: 0, max: rounds }), oneOf(ends)]);
}

function reminders(remind: ApproveStep['remind'], timeout: string): number {
  if (typeof remind !== 'string') return remind?.length ?? 0;
  return Math.floor(parseDuration(timeout) / Math.max(1, parseDuration(remind)));
}

/** A local activity is one marker within the current task. An ordinary one is scheduled, started and completed, and takes a task. */
function costOfAction(action: UndoAction, { localActivities, emitActivity, httpActivity }: RunRules): Cost {
  const activity = 'call' in action ? action.call : 'emit' in action ? emitActivity : httpActivity;
  return localActivities.includes(activity) ? cost(1, 0, 1) : cost(3, 1, 1);
}

function afterTimer(reaction: Step[] | string | undefined, rules: RunRules): Cost {
  return inSequence([timer, costOfReaction(reaction, rules)]);
}

function costOfReaction(reaction: Step[] | string | undefined, rules: RunRules): Cost {
  return Array.isArray(reaction) ? costOfList(reaction, rules) : nothing;
}

function costOfForEach(step: ForEachStep, rules: RunRules): Cost {
  const { in: list, concurrency = 1, join, onItemError } = step.forEach;
  const item = inSequence([costOfList(step.do, rules), perhaps(costOfReaction(onItemError, rules))]);
  if (Array.isArray(list)) {
    const least = join === 'first' ? Math.min(1, list.length) : list.length;
    return times(item, { min: least, max: list.length }, concurrency);
  }
  const one = times({ ...item, items: [] }, { min: 1, max: 1 }, concurrency);
  return { ...nothing, items: [{ loop: step.id, cost: one }, ...item.items], mayStop: item.mayStop };
}
