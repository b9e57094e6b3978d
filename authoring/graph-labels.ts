import type { Definition, ForEachStep, Step, UndoAction } from '../language/definition.ts';
import { verbOf, whatOf } from '../language/verbs.ts';
import { printLogic, printTemplate } from './print-logic.ts';

/** The lines of a node's label: who the step is, then what it does. */
export function labelOf(step: Step): string[] {
  const what = whatOf(step);
  return [summaryOf(step), what === null ? verbOf(step) : `${verbOf(step)} ${what}`];
}

export function summaryOf({ id, title }: Step): string {
  return title === undefined ? id : `${id}: ${title}`;
}

export function triggerLabelOf({ name, on }: Definition): string[] {
  if (on === 'run') return [name, 'run by another definition'];
  const from = on.source === undefined ? '' : ` from ${[on.source].flat().join(', ')}`;
  const guard = on.if === undefined ? [] : [`if ${printLogic(on.if)}`];
  return [name, `${[on.event].flat().join(', ')}${from}`, ...guard];
}

export function loopLabelOf(step: ForEachStep): string[] {
  const { as = 'item', in: list, concurrency = 1, join, onItemError } = step.forEach;
  return [
    summaryOf(step),
    `for each ${as} of ${printTemplate(list)}`,
    ...(concurrency > 1 ? [`${concurrency} at once`] : []),
    ...(join === undefined ? [] : [`join ${join}`]),
    ...otherwise('item fails', onItemError),
  ];
}

/** A line on what a word such as `continue` means. None where steps of their own are drawn instead. */
export function otherwise(what: string, reaction: string | Step[] | undefined): string[] {
  if (Array.isArray(reaction)) return [];
  return [`${what}: ${reaction === 'continue' ? 'goes on' : 'fails'}`];
}

export function actionLabelOf(action: UndoAction): string {
  if ('call' in action) return `call ${action.call}`;
  return 'emit' in action ? `emit ${action.emit}` : `http ${action.method ?? 'GET'} ${action.http}`;
}
