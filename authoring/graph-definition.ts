import { awaitOf } from '../language/awaited-emit.ts';
import type { Definition, ForEachStep, Step, StepOf, Verb } from '../language/definition.ts';
import { briefOf, guardOf, joinText, undoStepOf, undoWhenOf, verbOf } from '../language/verbs.ts';
import { isManual, isScheduled } from '../language/triggers.ts';
import { type Canvas, createFlowchart, type LooseEnd, type Shape } from './flowchart.ts';
import { printLogic, printTemplate } from './print-logic.ts';
import type { RunRules } from './run-rules.ts';
import { settingsReadBy } from './settings-read-by.ts';
import type { Json } from '../language/json.ts';

/**
 * The definition as a Mermaid flowchart, which GitHub and most wikis render: guards and branches are diamonds, loops and parallel
 * steps hexagons, and a dotted edge leads to the undo of a step and says whether
 * it also runs in doubt. Mermaid itself allows 500 edges and 50,000 characters.
 */
export function graphDefinition(definition: Definition, rules: ChartRules): string {
  const flowchart = createFlowchart();
  drawDefinition(definition, rules, flowchart);
  return flowchart.text();
}

/** Draws the definition on anything that has nodes, edges and frames. */
export function drawDefinition(definition: Definition, rules: ChartRules, canvas: Canvas): void {
  const chart = { ...canvas, ...rules };
  const start = chart.node('stadium', [...triggerLabelOf(definition), ...deadlineLabel(definition)]);
  const ends = [...drawSteps(definition.steps, [{ from: start }], chart), ...drawLate(definition, start, chart)];
  if (ends.length > 0) chart.connect(ends, chart.node('stadium', 'done'));
  if (definition.afterUndo !== undefined) {
    const failed = chart.node('stadium', 'failed and undone', { kind: 'failure' });
    drawSteps(definition.afterUndo, [{ from: failed }], chart);
  }
}

export type ChartRules = Pick<RunRules, 'localActivities' | 'taskQueueOf'>;
type Chart = Canvas & ChartRules;

function triggerLabelOf({ name, on }: Definition): string[] {
  if (on === 'run') return [name, 'run by another definition'];
  if (isManual(on)) return [name, 'started by a person'];
  if (isScheduled(on)) {
    const when = on.if === undefined ? [] : [`if ${printLogic(on.if)}`];
    return [name, `${[on.schedule].flat().join(', ')} in ${on.timezone ?? 'UTC'}`, ...when];
  }
  const from = on.source === undefined ? '' : ` from ${[on.source].flat().join(', ')}`;
  const guard = on.if === undefined ? [] : [`if ${printLogic(on.if)}`];
  return [name, `${[on.event].flat().join(', ')}${from}`, ...guard];
}

/** Draws steps in sequence and returns the loose ends of the last. */
function drawSteps(steps: Step[], incoming: LooseEnd[], chart: Chart): LooseEnd[] {
  return steps.reduce((ends, step) => drawGuarded(step, ends, chart), incoming);
}

function drawGuarded(step: Step, incoming: LooseEnd[], chart: Chart): LooseEnd[] {
  const guard = guardOf(step);
  if (guard === undefined) return drawStep(step, incoming, chart);
  const node = drawNode('diamond', step, `${printLogic(guard)}?`, incoming, chart);
  return [...drawStep(step, [{ from: node, label: 'yes' }], chart), { from: node, label: 'no' }];
}

type Draw<S extends Step> = (step: S, incoming: LooseEnd[], chart: Chart) => LooseEnd[];

function drawStep(step: Step, incoming: LooseEnd[], chart: Chart): LooseEnd[] {
  const draw = drawings[verbOf(step)] as Draw<Step>; // The verb says of which type the step is.
  return draw(step, incoming, chart);
}

const drawings: { [V in Verb]: Draw<StepOf[V]> } = {
  call: drawSimple('box'),
  http: drawSimple('box'),
  emit: (step, incoming, chart) => {
    const awaited = awaitOf(step);
    const ends = drawSimple('flag')(step, incoming, chart);
    const [end] = ends;
    if (awaited === undefined || end === undefined) return ends;
    const late = {
      ...end,
      label: `not ${awaited.what === 'ack' ? 'answered' : 'delivered'} after ${awaited.limit}`,
      dotted: true,
    };
    return [
      ...ends,
      ...drawReaction(
        step.onExhausted,
        { ...end, label: awaited.what === 'ack' ? 'all deliveries failed' : 'a delivery failed' },
        chart,
      ),
      ...drawReaction(step.onTimeout, late, chart),
    ];
  },
  run: drawSimple('frame'),
  set: drawSimple('round'),
  wait: drawSimple('slanted'),
  waitFor: (step, incoming, chart) => {
    const { timeout, onTimeout } = step;
    const node = drawNode(
      'slanted',
      step,
      [...labelOf(step), ...otherwise('no event in time', onTimeout)],
      incoming,
      chart,
    );
    return [{ from: node }, ...drawReaction(onTimeout, { from: node, label: `after ${timeout}`, dotted: true }, chart)];
  },
  approve: (step, incoming, chart) => {
    const { timeout, onTimeout, onReject } = step;
    const words = [...otherwise('rejected', onReject), ...otherwise('no answer', onTimeout)];
    const node = drawNode('trapezoid', step, [...labelOf(step), ...words], incoming, chart);
    return [
      { from: node, ...(Array.isArray(onReject) ? { label: 'approved' } : {}) },
      ...drawReaction(onReject, { from: node, label: 'rejected' }, chart),
      ...drawReaction(onTimeout, { from: node, label: `no answer after ${timeout}`, dotted: true }, chart),
    ];
  },
  parallel: (step, incoming, chart) => {
    const fork = drawNode('hexagon', step, [...labelOf(step), ...deadlineLabel(step)], incoming, chart);
    const ends = step.parallel.flatMap((branch) => drawGuarded(branch, [{ from: fork }], chart));
    const late = drawLate(step, fork, chart);
    if (ends.length === 0) return late;
    const join = chart.node('circle', joinText(step), { step: step.id });
    chart.connect(ends, join);
    return [{ from: join }, ...late];
  },
  forEach: drawForEach,
  while: (step, incoming, chart) => {
    const head = drawNode('hexagon', step, [...labelOf(step), `while ${printLogic(step.while)}`], incoming, chart);
    chart.connect(drawSteps(step.do, [{ from: head, label: 'yes' }], chart), head);
    return [{ from: head, label: 'no' }];
  },
  if: (step, incoming, chart) => {
    const fork = drawNode('diamond', step, [summaryOf(step), `${printLogic(step.if)}?`], incoming, chart);
    const otherwiseEnd: LooseEnd = { from: fork, label: 'no' };
    return [
      ...drawSteps(step.then, [{ from: fork, label: 'yes' }], chart),
      ...drawSteps(step.else ?? [], [otherwiseEnd], chart),
    ];
  },
  switch: (step, incoming, chart) => {
    const fork = drawNode('diamond', step, summaryOf(step), incoming, chart);
    const cases = step.switch.flatMap((each) =>
      drawSteps(each.do, [{ from: fork, label: printLogic(each.when) }], chart),
    );
    return [...cases, ...drawSteps(step.default ?? [], [{ from: fork, label: 'otherwise' }], chart)];
  },
  try: drawTry,
  do: (step, incoming, chart) => {
    if (step.deadline === undefined) return drawSteps(step.do, incoming, chart);
    const group = drawNode('hexagon', step, [...labelOf(step), ...deadlineLabel(step)], incoming, chart);
    return [...drawSteps(step.do, [{ from: group }], chart), ...drawLate(step, group, chart)];
  },
  stop: (step, incoming, chart) => {
    drawNode('stadium', step, labelOf(step), incoming, chart);
    return [];
  },
  fail: (step, incoming, chart) => {
    const type = step.type === undefined ? [] : [`type ${step.type}`];
    const node = chart.node('stadium', [...labelOf(step), ...type], { kind: 'failure', step: step.id });
    chart.connect(incoming, node);
    return [];
  },
};

function drawSimple(shape: Shape): Draw<Step> {
  return (step, incoming, chart) => {
    const node = drawNode(shape, step, [...labelOf(step), ...sourcesOf(step, chart)], incoming, chart);
    const undo = undoStepOf(step);
    if (undo !== undefined) {
      const label = undoWhenOf(step, chart.localActivities) === 'maybe' ? 'undo, in doubt too' : 'undo';
      const about = { kind: 'undo', step: step.id } as const;
      chart.connect([{ from: node, label, dotted: true }], chart.node('box', briefOf(undo), about));
    }
    return [{ from: node }];
  };
}

/** Where a step gets what this chart does not show: the kind or task queue of its activity, and the settings that it reads. */
function sourcesOf(step: Step, { localActivities, taskQueueOf }: ChartRules): string[] {
  const taskQueue = 'call' in step ? taskQueueOf(step.call) : null;
  const isLocal = 'call' in step && localActivities.includes(step.call);
  const settings = [...settingsReadBy({ ...step, if: null, undo: null } as unknown as Json)]; // JSON by construction.
  return [
    ...(taskQueue === null ? [] : [`task queue ${taskQueue}`]),
    ...(isLocal ? ['database'] : []),
    ...(settings.length === 0 ? [] : [`settings: ${settings.join(', ')}`]),
  ];
}

function drawForEach(step: ForEachStep, incoming: LooseEnd[], chart: Chart): LooseEnd[] {
  const { onItemError } = step.forEach;
  const head = drawNode('hexagon', step, loopLabelOf(step), incoming, chart);
  const back = [
    ...drawSteps(step.do, [{ from: head, label: 'each' }], chart),
    ...drawReaction(onItemError, { from: head, label: 'item fails', dotted: true }, chart),
  ];
  chart.connect(back, head);
  return [{ from: head, label: 'done' }];
}

function deadlineLabel({ deadline, onTimeout }: Pick<Definition, 'deadline' | 'onTimeout'>): string[] {
  return deadline === undefined ? [] : otherwise(`not done within ${deadline}`, onTimeout);
}

function drawLate(
  { deadline, onTimeout }: Pick<Definition, 'deadline' | 'onTimeout'>,
  from: string,
  chart: Chart,
): LooseEnd[] {
  return drawReaction(onTimeout, { from, label: `after ${deadline ?? ''}`, dotted: true }, chart);
}

function drawTry(step: StepOf['try'], incoming: LooseEnd[], chart: Chart): LooseEnd[] {
  let ends: LooseEnd[] = [];
  const frame = chart.frame(`${summaryOf(step)} (try)`, step.id, () => {
    ends = drawSteps(step.try, incoming, chart);
  });
  for (const { errors, do: steps } of step.catch ?? []) {
    const label = errors === undefined ? 'any error' : errors.join(', ');
    ends.push(...drawSteps(steps, [{ from: frame, label, dotted: true }], chart));
  }
  if (step.finally === undefined) return ends;
  const inAnyCase: LooseEnd = { from: frame, label: 'in any case', dotted: true };
  return drawSteps(step.finally, [...ends, inAnyCase], chart);
}

/** If the reaction is a word, the label tells it. */
function drawReaction(reaction: string | Step[] | undefined, end: LooseEnd, chart: Chart): LooseEnd[] {
  return Array.isArray(reaction) ? drawSteps(reaction, [end], chart) : [];
}

function drawNode(shape: Shape, { id }: Step, lines: string | string[], incoming: LooseEnd[], chart: Chart): string {
  const node = chart.node(shape, lines, { step: id });
  chart.connect(incoming, node);
  return node;
}

/** The lines of a node's label: the step's id and title, then what it does. */
function labelOf(step: Step): string[] {
  return [summaryOf(step), briefOf(step)];
}

function summaryOf({ id, title }: Step): string {
  return title === undefined ? id : `${id}: ${title}`;
}

function loopLabelOf(step: ForEachStep): string[] {
  const { as = 'item', in: list, concurrency = 1, join, onItemError } = step.forEach;
  return [
    summaryOf(step),
    `for each ${as} of ${printTemplate(list)}`,
    ...(concurrency > 1 ? [`${concurrency} at once`] : []),
    ...(join === undefined ? [] : [`join ${join}`]),
    ...otherwise('item fails', onItemError),
  ];
}

/** A line that tells what `continue` or `fail` leads to. Empty if the reaction has steps, which are drawn. */
function otherwise(what: string, reaction: string | Step[] | undefined): string[] {
  if (Array.isArray(reaction)) return [];
  return [`${what}: ${reaction === 'continue' ? 'continues' : 'fails'}`];
}
