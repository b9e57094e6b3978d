import { awaitOf } from '../language/awaited-emit.ts';
import type { Definition, Step, StepDefaults, StepOf, Verb } from '../language/definition.ts';
import { maxDurationMs, parseDuration } from '../language/time.ts';
import { verbOf } from '../language/verbs.ts';
import { longestMs, type RunRules } from './run-rules.ts';

/** The longest time a part of a run can take, if every wait and every attempt uses its whole time. */
export interface LongestRun {
  waitingMs: number;
  tryingMs: number;
  /** What each item of a loop adds whose list is known only at run time; items that run at once share the time. */
  perItem: { loop: string; longest: LongestRun }[];
  /** Definitions whose runs are waited for; they add as long as they take. */
  runs: string[];
}

export function longestRun(definition: Definition, rules: RunRules): LongestRun {
  const measuring = { defaults: definition.defaults, rules };
  return withinDeadline(ofList(definition.steps, measuring), definition, measuring);
}

/** A deadline cuts everything, items and other runs included. What it cancels may take a little longer. */
function withinDeadline(
  whole: LongestRun,
  { deadline, onTimeout }: Pick<Definition, 'deadline' | 'onTimeout'>,
  measuring: Measuring,
): LongestRun {
  if (deadline === undefined) return whole;
  const limitMs = parseDuration(deadline);
  const isCut = whole.waitingMs + whole.tryingMs > limitMs || whole.perItem.length > 0 || whole.runs.length > 0;
  const cut: LongestRun = { ...none, waitingMs: limitMs, tryingMs: 0 };
  return inSequence([isCut ? cut : whole, ofReaction(onTimeout, measuring)]);
}

interface Measuring {
  defaults: StepDefaults | undefined;
  rules: RunRules;
}

function ofList(steps: Step[] | undefined, measuring: Measuring): LongestRun {
  return inSequence((steps ?? []).map((step) => ofStep(step, measuring)));
}

function ofStep(step: Step, measuring: Measuring): LongestRun {
  const measure = measures[verbOf(step)] as Measure<Step>; // The verb says of which type the step is.
  return measure(step, measuring);
}

type Measure<S extends Step> = (step: S, measuring: Measuring) => LongestRun;

const measures: { [V in Verb]: Measure<StepOf[V]> } = {
  call: trying,
  http: trying,
  emit: (step, measuring) => {
    const awaited = awaitOf(step);
    const emitting = trying({}, measuring);
    if (awaited === undefined) return emitting;
    const reactions = [ofList(step.onExhausted, measuring), ofReaction(step.onTimeout, measuring)];
    return inSequence([emitting, waiting(parseDuration(awaited.limit)), longestOf(reactions)]);
  },
  wait: ({ wait }) => waiting(typeof wait === 'string' ? parseDuration(wait) : maxDurationMs),
  waitFor: ({ timeout, onTimeout }, measuring) =>
    inSequence([waiting(parseDuration(timeout)), ofReaction(onTimeout, measuring)]),
  approve: ({ timeout, onTimeout, onReject }, measuring) =>
    inSequence([
      waiting(parseDuration(timeout)),
      longestOf([ofReaction(onTimeout, measuring), ofReaction(onReject, measuring)]),
    ]),
  parallel: (step, measuring) =>
    withinDeadline(longestOf(step.parallel.map((branch) => ofStep(branch, measuring))), step, measuring),
  forEach: (step, measuring) => {
    const { in: list, concurrency = 1, onItemError } = step.forEach;
    const item = inSequence([ofList(step.do, measuring), ofReaction(onItemError, measuring)]);
    if (Array.isArray(list)) return times(item, Math.ceil(list.length / concurrency));
    const longest = times({ ...item, perItem: [] }, 1 / concurrency);
    return { ...none, runs: item.runs, perItem: [{ loop: step.id, longest }, ...item.perItem] };
  },
  while: (step, measuring) => times(ofList(step.do, measuring), step.max),
  if: (step, measuring) => longestOf([ofList(step.then, measuring), ofList(step.else, measuring)]),
  switch: (step, measuring) =>
    longestOf([...step.switch.map((each) => ofList(each.do, measuring)), ofList(step.default, measuring)]),
  try: (step, measuring) =>
    inSequence([
      ofList(step.try, measuring),
      longestOf((step.catch ?? []).map((each) => ofList(each.do, measuring))),
      ofList(step.finally, measuring),
    ]),
  do: (step, measuring) => withinDeadline(ofList(step.do, measuring), step, measuring),
  run: ({ run, detach }) => (detach === true ? none : { ...none, runs: [run] }),
  set: () => none,
  stop: () => none,
  fail: () => none,
};

const none: LongestRun = { waitingMs: 0, tryingMs: 0, perItem: [], runs: [] };

function waiting(waitingMs: number): LongestRun {
  return { ...none, waitingMs };
}

function trying(own: StepDefaults, { defaults, rules }: Measuring): LongestRun {
  return { ...none, tryingMs: longestMs(rules.limitsMs(own, defaults)) };
}

function ofReaction(reaction: Step[] | string | undefined, measuring: Measuring): LongestRun {
  return Array.isArray(reaction) ? ofList(reaction, measuring) : none;
}

function inSequence(parts: LongestRun[]): LongestRun {
  return {
    ...unionOf(parts),
    waitingMs: parts.reduce((sum, part) => sum + part.waitingMs, 0),
    tryingMs: parts.reduce((sum, part) => sum + part.tryingMs, 0),
  };
}

function longestOf(parts: LongestRun[]): LongestRun {
  const [longest = none] = parts.toSorted((a, b) => b.waitingMs + b.tryingMs - a.waitingMs - a.tryingMs);
  const { waitingMs, tryingMs } = longest;
  return { ...unionOf(parts), waitingMs, tryingMs };
}

function times(part: LongestRun, count: number): LongestRun {
  return { ...part, waitingMs: Math.ceil(part.waitingMs * count), tryingMs: Math.ceil(part.tryingMs * count) };
}

function unionOf(parts: LongestRun[]): Pick<LongestRun, 'perItem' | 'runs'> {
  return { perItem: parts.flatMap(({ perItem }) => perItem), runs: [...new Set(parts.flatMap(({ runs }) => runs))] };
}
