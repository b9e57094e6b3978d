import type { Definition, Step, UndoWhen } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { briefOf, undoOf, undoWhenOf, verbOf } from '../language/verbs.ts';
import { diffProperties, type PropertyChange } from './diff-properties.ts';
import { stayingIds, listNameOf, positionsOf, type StepPosition } from './step-positions.ts';

/** One difference between two definitions. Steps are matched by id: a step with another id is another step. */
export type DefinitionChange =
  | (PropertyChange & {
      kind: 'changed';
      /** Null for the definition itself. */
      step: string | null;
    })
  | {
      kind: 'added' | 'removed';
      step: string;
      /** What it does: `call orders.create`. */
      what: string;
      where: string;
      /** Ids of the steps inside it that were added or removed with it. */
      inside: string[];
    }
  | { kind: 'moved'; step: string; from: string; to: string };

/**
 * The differences of `after` from `before`, in the order of `after`, removed steps last. Empty exactly if both have the same
 * canonical JSON, and therefore the same hash; comments and layout do not count.
 */
export function diffDefinitions(
  before: Definition,
  after: Definition,
  localActivities: readonly string[],
): DefinitionChange[] {
  const positions = { before: positionsOf(before), after: positionsOf(after) };
  const staying = stayingIds(positions.before, positions.after);
  return [
    ...diffProperties(asJson(before), asJson(after), 'definition').map((change) => changedIn(null, change)),
    ...[...positions.after].flatMap(([id, now]) => {
      const then = positions.before.get(id);
      if (then === undefined) return addedOrRemoved('added', now, positions.after, positions.before);
      return [...(staying.has(id) ? [] : [moved(id, then, now)]), ...diffStep(then.step, now.step, localActivities)];
    }),
    ...[...positions.before.values()].flatMap((then) => {
      return positions.after.has(then.step.id)
        ? []
        : addedOrRemoved('removed', then, positions.before, positions.after);
    }),
  ];
}

function changedIn(step: string | null, change: PropertyChange): DefinitionChange {
  return { kind: 'changed', step, ...change };
}

function diffStep(before: Step, after: Step, localActivities: readonly string[]): DefinitionChange[] {
  const changes = withEffectiveUndoWhen(diffProperties(asJson(before), asJson(after), 'step'), {
    before: undoWhenIn(before, localActivities),
    after: undoWhenIn(after, localActivities),
  });
  if (verbOf(before) === verbOf(after)) return changes.map((change) => changedIn(after.id, change));
  const verb: PropertyChange = { path: 'verb', change: 'replaced', text: `${briefOf(before)} → ${briefOf(after)}` };
  const verbs: string[] = [verbOf(before), verbOf(after)];
  const others = changes.filter(({ path }) => !verbs.includes(path));
  return [verb, ...others].map((change) => changedIn(after.id, change));
}

/** Null without an `undo`. */
function undoWhenIn(step: Step, localActivities: readonly string[]): UndoWhen | null {
  return undoOf(step) === undefined ? null : undoWhenOf(step, localActivities);
}

/**
 * The changes, with what they do to `undoWhen`: its default depends on the step's verb and activity. Writing the default down changes
 * only the hash.
 */
function withEffectiveUndoWhen(
  changes: PropertyChange[],
  { before, after }: { before: UndoWhen | null; after: UndoWhen | null },
): PropertyChange[] {
  if (before === null || after === null) return changes;
  const written = changes.find(({ path }) => path === 'undoWhen');
  const others = changes.filter((change) => change !== written);
  if (before !== after) {
    const text = `${before} → ${after}${written === undefined ? ', by default' : ''}`;
    return [...others, { path: 'undoWhen', change: 'replaced', text }];
  }
  return written === undefined ? changes : [...others, { ...written, text: `${after}, as by default` }];
}

/** Empty if the step around it was added or removed too: that change lists this step. */
function addedOrRemoved(
  kind: 'added' | 'removed',
  position: StepPosition,
  here: Map<string, StepPosition>,
  there: Map<string, StepPosition>,
): DefinitionChange[] {
  const { step, parent } = position;
  if (parent !== null && !there.has(parent.step.id)) return [];
  const inside = [...here.values()].filter((each) => !there.has(each.step.id) && isInside(each, position));
  return [
    { kind, step: step.id, what: briefOf(step), where: whereIs(position), inside: inside.map((each) => each.step.id) },
  ];
}

function isInside({ parent }: StepPosition, other: StepPosition): boolean {
  return parent !== null && (parent === other || isInside(parent, other));
}

function moved(step: string, then: StepPosition, now: StepPosition): DefinitionChange {
  return { kind: 'moved', step, from: whereIs(then), to: whereIs(now) };
}

/** `after order`, `first in notify / parallel`. */
function whereIs(position: StepPosition): string {
  const { step, siblings } = position;
  const previous = siblings[siblings.indexOf(step.id) - 1];
  const order = previous === undefined ? 'first' : `after ${previous}`;
  const list = listNameOf(position);
  return list === null ? order : `${order} in ${list}`;
}

/** A definition is JSON by construction. */
function asJson(part: Definition | Step): Json {
  return part as unknown as Json;
}
