import { isObject, type Json } from '../json.ts';

/** Whether no run gets to the end of the list: something in it stops the run, or fails, whatever the event. */
export function listEndsTheRun(list: Json | undefined): boolean {
  return Array.isArray(list) && list.some(stepEndsTheRun);
}

/** Likewise one step. What is in doubt counts as going on: a loop may have no item, and a failure may be handled. */
export function stepEndsTheRun(step: Json): boolean {
  if (!isObject(step)) return false;
  if (step.then !== undefined) return listEndsTheRun(step.then) && listEndsTheRun(step.else);
  if (step.if !== undefined || step.forEach !== undefined || step.while !== undefined) return false;
  if (step.stop !== undefined || step.fail !== undefined) return true;
  if (Array.isArray(step.switch)) {
    return [...listsIn(step.switch), step.default].every(listEndsTheRun);
  }
  if (step.try !== undefined && listEndsTheRun(step.try) && listsIn(step.catch).every(listEndsTheRun)) return true;
  const waitsForAll = step.join === undefined || step.join === 'all';
  return [step.do, waitsForAll ? step.parallel : undefined, step.finally].some(listEndsTheRun);
}

/** Of cases and handlers. */
function listsIn(branches: Json | undefined): (Json | undefined)[] {
  return Array.isArray(branches) ? branches.map((each) => (isObject(each) ? each.do : undefined)) : [];
}
