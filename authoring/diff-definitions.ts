import type { Definition, Step } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { verbOf, whatOf } from '../language/verbs.ts';
import { diffProperties, type PropertyChange } from './diff-properties.ts';
import { stayingIds } from './staying-ids.ts';
import { listNameOf, placeSteps, type PlacedStep } from './placed-steps.ts';

/** One difference between two definitions. Steps are known by their ids; a step of another id is another step. */
export type DefinitionChange =
  | (PropertyChange & {
      kind: 'changed';
      /** Null: of the definition itself. */
      step: string | null;
    })
  | {
      kind: 'added' | 'removed';
      step: string;
      /** What it does: `call orders.create`. */
      what: string;
      where: string;
      /** Ids of the steps inside it that came or went with it. */
      inside: string[];
    }
  | { kind: 'moved'; step: string; from: string; to: string };

/**
 * What is different in `after`, in the order of `after`; what was removed stands last. Empty where both are the same whatever
 * their texts look like, which is when their canonical JSON, and so their hash, is the same.
 */
export function diffDefinitions(before: Definition, after: Definition): DefinitionChange[] {
  const places = { before: placeSteps(before.steps), after: placeSteps(after.steps) };
  const staying = stayingIds(places.before, places.after);
  return [
    ...diffProperties(asJson(before), asJson(after), 'definition').map((change) => changedIn(null, change)),
    ...[...places.after].flatMap(([id, now]) => {
      const then = places.before.get(id);
      if (then === undefined) return addedOrRemoved('added', now, places.after, places.before);
      return [...(staying.has(id) ? [] : [moved(id, then, now)]), ...diffStep(then.step, now.step)];
    }),
    ...[...places.before.values()].flatMap((then) => {
      return places.after.has(then.step.id) ? [] : addedOrRemoved('removed', then, places.before, places.after);
    }),
  ];
}

function changedIn(step: string | null, change: PropertyChange): DefinitionChange {
  return { kind: 'changed', step, ...change };
}

function diffStep(before: Step, after: Step): DefinitionChange[] {
  const changes = diffProperties(asJson(before), asJson(after), 'step');
  if (verbOf(before) === verbOf(after)) return changes.map((change) => changedIn(after.id, change));
  const verb: PropertyChange = { path: 'verb', change: 'replaced', text: `${doing(before)} → ${doing(after)}` };
  const verbs: string[] = [verbOf(before), verbOf(after)];
  const others = changes.filter(({ path }) => !verbs.includes(path));
  return [verb, ...others].map((change) => changedIn(after.id, change));
}

/** Nothing where the step around it came or went too, and says so. */
function addedOrRemoved(
  kind: 'added' | 'removed',
  place: PlacedStep,
  here: Map<string, PlacedStep>,
  there: Map<string, PlacedStep>,
): DefinitionChange[] {
  const { step, parent } = place;
  if (parent !== null && !there.has(parent.step.id)) return [];
  const inside = [...here.values()].filter((each) => !there.has(each.step.id) && isInside(each, place));
  return [
    { kind, step: step.id, what: doing(step), where: whereIs(place), inside: inside.map((each) => each.step.id) },
  ];
}

function isInside({ parent }: PlacedStep, place: PlacedStep): boolean {
  return parent !== null && (parent === place || isInside(parent, place));
}

function moved(step: string, then: PlacedStep, now: PlacedStep): DefinitionChange {
  return { kind: 'moved', step, from: whereIs(then), to: whereIs(now) };
}

/** `after order`, `first in notify / parallel`. */
function whereIs(place: PlacedStep): string {
  const previous = place.siblings[place.siblings.indexOf(place.step.id) - 1];
  const list = listNameOf(place);
  const position = previous === undefined ? 'first' : `after ${previous}`;
  return list === null ? position : `${position} in ${list}`;
}

function doing(step: Step): string {
  const what = whatOf(step);
  return what === null ? verbOf(step) : `${verbOf(step)} ${what}`;
}

/** A definition is JSON by construction. */
function asJson(part: Definition | Step): Json {
  return part as unknown as Json;
}
