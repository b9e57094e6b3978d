import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Path } from './report.ts';

export interface StepId {
  id: string;
  path: Path;
}

/** Every id in a list of steps and below, in the order of the text. Malformed steps are included as far as possible. */
export function stepIds(list: Json | undefined, path: Path): StepId[] {
  return stepsIn(list, path).flatMap(({ step: { id }, path: stepPath }) =>
    typeof id === 'string' ? [{ id, path: [...stepPath, 'id'] }] : [],
  );
}

/** Every step in a list and below that is an object. */
export function stepsIn(list: Json | undefined, path: Path): { step: JsonObject; path: Path }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((step, position) => {
    if (!isObject(step)) return [];
    const stepPath = [...path, position];
    return [{ step, path: stepPath }, ...listsIn(step, stepPath).flatMap((inner) => stepsIn(inner.list, inner.path))];
  });
}

/** The lists of steps of a definition itself, each with its path. */
export function listsOfDefinition(definition: JsonObject): { list: Json | undefined; path: Path }[] {
  return ['steps', 'onTimeout', 'afterUndo'].map((key) => ({ list: definition[key], path: [key] }));
}

/** Every step of a definition, as {@link stepsIn} finds them. */
export function stepsOfDefinition(definition: JsonObject): { step: JsonObject; path: Path }[] {
  return listsOfDefinition(definition).flatMap(({ list, path }) => stepsIn(list, path));
}

/** Whether the step itself does something outside of the run. */
export function hasEffect(step: JsonObject): boolean {
  return ['call', 'http', 'emit', 'run'].some((verb) => step[verb] !== undefined);
}

export function idsIn(list: Json | undefined): string[] {
  return stepIds(list, []).map(({ id }) => id);
}

/** The properties of all verbs that hold steps, so that ids are found even if a verb is missing. */
const ownLists = [
  'then',
  'else',
  'parallel',
  'do',
  'default',
  'try',
  'finally',
  'onTimeout',
  'onReject',
  'onExhausted',
];
const listsOfLists = ['switch', 'catch'];

function listsIn(step: JsonObject, path: Path): { list: Json | undefined; path: Path }[] {
  const { forEach } = step;
  return [
    ...ownLists.map((key) => ({ list: step[key], path: [...path, key] })),
    ...listsOfLists.flatMap((key) => {
      const members = step[key];
      if (!Array.isArray(members)) return [];
      return members.map((member, position) => ({
        list: isObject(member) ? member.do : undefined,
        path: [...path, key, position, 'do'],
      }));
    }),
    { list: isObject(forEach) ? forEach.onItemError : undefined, path: [...path, 'forEach', 'onItemError'] },
  ];
}

/** Whether a step in the list always stops the run or fails. */
export function listEndsTheRun(list: Json | undefined): boolean {
  return Array.isArray(list) && list.some(stepEndsTheRun);
}

/** Whether a step always ends the run. In doubt it does not: a loop may have no items, and a failure may be handled. */
export function stepEndsTheRun(step: Json): boolean {
  if (!isObject(step)) return false;
  if (step.then !== undefined) return listEndsTheRun(step.then) && listEndsTheRun(step.else);
  if (step.if !== undefined || step.forEach !== undefined || step.while !== undefined) return false;
  if (step.stop !== undefined || step.fail !== undefined) return true;
  if (Array.isArray(step.switch)) {
    return [...listsOfBranches(step.switch), step.default].every(listEndsTheRun);
  }
  if (step.try !== undefined && listEndsTheRun(step.try) && listsOfBranches(step.catch).every(listEndsTheRun))
    return true;
  if (goesOnAfterDeadline(step)) return false;
  const waitsForAll = step.join === undefined || step.join === 'all';
  return [step.do, waitsForAll ? step.parallel : undefined, step.finally].some(listEndsTheRun);
}

/** Whether a run goes on after the deadline of a group, with what the steps inside have not done. */
export function goesOnAfterDeadline({ deadline, onTimeout }: JsonObject): boolean {
  if (deadline === undefined) return false;
  return onTimeout === 'continue' || (Array.isArray(onTimeout) && !listEndsTheRun(onTimeout));
}

/** The lists of cases and handlers. */
function listsOfBranches(branches: Json | undefined): (Json | undefined)[] {
  return Array.isArray(branches) ? branches.map((each) => (isObject(each) ? each.do : undefined)) : [];
}
