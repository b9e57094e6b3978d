import type { Definition, Step, StepStatus } from './definition.ts';
import { awaitOf } from './awaited-emit.ts';
import { hasEnded, hasRun } from './has-ended.ts';
import { canonicalJson, type Json } from './json.ts';
import { branchesOf, listsOf, verbOf } from './verbs.ts';

/**
 * Why a run that has got so far under one version of a definition cannot go on under another; null: it can. What has ended, or is under way,
 * must be the same in both, at the same place: the run's state refers to it. A step that is to run again may be changed, if it does the same
 * kind of thing. What comes after it is free, and so are the steps for the deadline and after undoing. `status`: as the run goes on, with
 * `pending` for what is to run again. `hasBegun`: whether a step has ever begun.
 */
export function prefixProblem(
  before: Definition,
  after: Definition,
  status: Readonly<Record<string, StepStatus>>,
  hasBegun: (id: string) => boolean,
): string | null {
  if (before.name !== after.name) return `it is another definition: ${after.name}`;
  const [one] = listsOf(before);
  const [other] = listsOf(after);
  return listProblem(one?.steps ?? [], other?.steps ?? [], { status, hasBegun });
}

/**
 * The same for a run that is under way. Its waits go on as they are, so what waits must not be changed but for its reactions. Of a loop, only
 * the items under way count: `items` are those, by the loop's key and their index.
 */
export function openPrefixProblem(
  before: Definition,
  after: Definition,
  { status, items }: Pick<OpenPlace, 'status' | 'items'>,
): string | null {
  if (before.name !== after.name) return `it is another definition: ${after.name}`;
  return listProblem(before.steps, after.steps, progressIn({ suffix: '', status, items }));
}

interface OpenPlace {
  /** Of the keys of the steps: see `Frame.suffix`. */
  suffix: string;
  status: Readonly<Record<string, StepStatus>>;
  items: Readonly<Record<string, { status: Readonly<Record<string, StepStatus>> }>>;
}

interface Progress {
  status: Readonly<Record<string, StepStatus>>;
  hasBegun: (id: string) => boolean;
  /** The items of a loop that are under way. Only of a run that is. */
  itemsOf?: (loop: string) => Progress[];
}

function progressIn({ suffix, status, items }: OpenPlace): Progress {
  return {
    status,
    hasBegun: (id) => hasRun(status[id]),
    itemsOf: (loop) =>
      Object.entries(items).flatMap(([key, item]) =>
        isItemOf(key, `${loop}${suffix}`)
          ? [progressIn({ suffix: key.slice(loop.length), status: item.status, items })]
          : [],
      ),
  };
}

/** Whether the key of an item is one of the loop with this key, and not of a loop in it. */
export function isItemOf(item: string, loop: string): boolean {
  return item.startsWith(`${loop}/`) && !item.slice(loop.length + 1).includes('/');
}

/** Lists whose steps run one after another. What was undone is to run again, although steps after it stand. */
function listProblem(before: Step[], after: Step[], progress: Progress): string | null {
  const stands = (step: Step) => hasEnded(progress.status[step.id]);
  const reached = before.findLastIndex((step) => stands(step) || beganWithin(step, progress));
  for (const [position, step] of before.slice(0, reached + 1).entries()) {
    const other = after[position];
    if (other?.id !== step.id) {
      const what = stands(step) || beganWithin(step, progress) ? 'has run' : 'comes before one that has run';
      return `the step "${step.id}" ${what}, and is not at its place any more`;
    }
    if (stands(step) && !isSame(step, other)) return `the step "${step.id}" has ended, and was changed`;
    const problem = stands(step) || !beganWithin(step, progress) ? null : openProblem(step, other, progress);
    if (problem !== null) return problem;
  }
  return null;
}

/** A step that is to run again, or some of whose steps are. */
function openProblem(before: Step, after: Step, progress: Progress): string | null {
  if (verbOf(before) !== verbOf(after)) return `the step "${before.id}" has begun, and does something else now`;
  const isOpenWait = progress.itemsOf !== undefined && isWait(before);
  if (isOpenWait && progress.status[before.id] === 'running' && waitOf(before) !== waitOf(after)) {
    return `the step "${before.id}" waits, and was changed`;
  }
  const lists = branchesOf(before);
  if (lists.length === 0) return null;
  const others = branchesOf(after);
  const own = (step: Step) => canonicalJson(withoutLists(step));
  if (!isOpenWait && own(before) !== own(after)) return `the step "${before.id}" is under way, and was changed`;
  if (progress.itemsOf !== undefined && ('forEach' in before || 'while' in before)) {
    const items = progress.itemsOf(before.id);
    const problems = lists.flatMap(({ label, steps }, position) =>
      items.map((item) => {
        const other = others[position];
        return other?.label === label ? listProblem(steps, other.steps, item) : changedList(before, label);
      }),
    );
    return problems.find((problem) => problem !== null) ?? null;
  }
  for (const [position, { label, steps }] of lists.entries()) {
    if (!steps.some((step) => beganWithin(step, progress))) continue;
    const other = isOpenWait ? others.find((each) => each.label === label) : others[position];
    if (other?.label !== label) return changedList(before, label);
    const problem =
      label === 'parallel' ? branchProblem(steps, other.steps, progress) : listProblem(steps, other.steps, progress);
    if (problem !== null) return problem;
  }
  return null;
}

function changedList({ id }: Step, label: string): string {
  return `the step "${id}" is under way, and its "${label}" was changed`;
}

function isWait(step: Step): boolean {
  return 'wait' in step || 'waitFor' in step || 'approve' in step || ('emit' in step && awaitOf(step) !== undefined);
}

const reactions = ['title', 'onTimeout', 'onReject', 'onExhausted'];

/** What a step waits for, and how long. How it reacts, and what it is called, may change meanwhile. */
function waitOf(step: Step): string {
  const own = Object.entries(step).filter(([name]) => !reactions.includes(name));
  const awaited = 'emit' in step ? { ...awaitOf(step) } : {}; // Its reactions can imply that it waits.
  return canonicalJson([Object.fromEntries(own), awaited]);
}

/** Branches run at once, and are known by their places. */
function branchProblem(before: Step[], after: Step[], progress: Progress): string | null {
  for (const [position, step] of before.entries()) {
    const other = after[position];
    if (other?.id !== step.id) return `the branch "${step.id}" is under way, and is not at its place any more`;
    const stands = hasEnded(progress.status[step.id]);
    if (stands && !isSame(step, other)) return `the branch "${step.id}" has ended, and was changed`;
    const problem = stands || !beganWithin(step, progress) ? null : openProblem(step, other, progress);
    if (problem !== null) return problem;
  }
  return null;
}

function beganWithin(step: Step, progress: Progress): boolean {
  return (
    progress.hasBegun(step.id) ||
    branchesOf(step).some(({ steps }) => steps.some((each) => beganWithin(each, progress)))
  );
}

function isSame(one: Step, other: Step): boolean {
  return canonicalJson(one as unknown as Json) === canonicalJson(other as unknown as Json); // JSON by construction.
}

/** What a step says of itself: without the steps in it. */
function withoutLists(step: Step): Json {
  const inside = new Set(branchesOf(step).flatMap(({ steps }) => steps.map(({ id }) => id)));
  const strip = (value: Json): Json => {
    if (value === null || typeof value !== 'object') return value;
    if (!Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, strip(member)]));
    }
    const isList = value.some((each) => isStep(each) && inside.has(each.id));
    return isList ? 'steps' : value.map(strip);
  };
  return strip(step as unknown as Json); // JSON by construction.
}

function isStep(value: Json): value is { id: string } {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && typeof value.id === 'string';
}
