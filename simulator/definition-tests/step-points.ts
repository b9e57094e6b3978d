import { awaitOf } from '../../language/awaited-emit.ts';
import type { Definition, DoStep, OnTimeout, ParallelStep, Step, StepOf, Verb } from '../../language/definition.ts';
import { guardOf, undoOf, verbOf } from '../../language/verbs.ts';
import type { TraceEntry } from '../simulation.ts';

/** A `CoveragePoint` of one step. */
export interface StepPoint {
  what: string;
  /** Where it is written in the step. */
  at: (string | number)[];
  isCovered: (seen: SeenRuns) => boolean;
}

/** What the tests of a definition have seen. */
export interface SeenRuns {
  /** The results of the trigger's condition. */
  trigger: ReadonlySet<boolean>;
  /** The trace entries of a step in every test and item. */
  entriesOf: (stepId: string) => readonly TraceEntry[];
  /** Ids of the steps that were undone, or whose undo failed. */
  undone: ReadonlySet<string>;
}

/** What a wait or a group does at its limit. */
export const timedOutPoint = 'timed out';

/** All branches of a step. */
export function stepPoints(step: Step): StepPoint[] {
  return [...guardPoints(step), ...verbPoints(step), ...undoPoints(step)];
}

function guardPoints(step: Step): StepPoint[] {
  return guardOf(step) === undefined ? [] : bothWays(step, 'if', ['if']);
}

function undoPoints(step: Step): StepPoint[] {
  if (undoOf(step) === undefined) return [];
  return [{ what: 'undo', at: ['undo'], isCovered: ({ undone }) => undone.has(step.id) }];
}

const none = (): StepPoint[] => [];

const pointsByVerb: { [V in Verb]: (step: StepOf[V]) => StepPoint[] } = {
  call: none,
  http: none,
  wait: none,
  parallel: lateOf,
  do: lateOf,
  run: none,
  set: none,
  stop: none,
  fail: none,
  if: (step) => [
    { what: 'then', at: ['then'], isCovered: decided(step, 'if', true) },
    { what: 'else', at: [step.else === undefined ? 'if' : 'else'], isCovered: decided(step, 'if', false) },
  ],
  switch: (step) => [
    ...step.switch.map((_case, position): StepPoint => {
      return {
        what: `case ${position + 1}`,
        at: ['switch', position],
        isCovered: decided(step, `case ${position + 1}`, true),
      };
    }),
    {
      what: 'default',
      at: [step.default === undefined ? 'switch' : 'default'],
      isCovered: decided(step, `case ${step.switch.length}`, false),
    },
  ],
  while: (step) => [
    { what: 'no iterations', at: ['while'], isCovered: some(step, ({ decisions: [first] }) => first?.value === false) },
    { what: 'iterations', at: ['while'], isCovered: decided(step, 'while', true) },
  ],
  forEach: (step) => {
    const { onItemError } = step.forEach;
    const at = ['forEach', 'onItemError'];
    const failed = some(step, ({ output }) => listIn(output, 'failed').length > 0);
    return [
      { what: 'no items', at: ['forEach'], isCovered: some(step, ({ output }) => memberOf(output, 'count') === 0) },
      { what: 'items', at: ['do'], isCovered: entered(step.do) },
      ...(Array.isArray(onItemError) ? [{ what: 'item failed', at, isCovered: entered(onItemError) }] : []),
      ...(onItemError === 'continue' ? [{ what: 'item failed', at, isCovered: failed }] : []),
    ];
  },
  try: (step) =>
    (step.catch ?? []).map(({ errors, do: steps }, position) => {
      const what = errors === undefined ? 'catch' : `catch ${errors.join(', ')}`;
      return { what, at: ['catch', position], isCovered: entered(steps) };
    }),
  emit: (step) => {
    const awaited = awaitOf(step);
    if (awaited === undefined) return [];
    const { onExhausted } = step;
    const isAnswered = (output: unknown) => typeof memberOf(output, 'by') === 'string';
    const hasFailed = some(
      step,
      ({ output, error }) =>
        (lengthOf(memberOf(output, 'failed')) > 0 && !isAnswered(output)) || error?.type === 'DeliveryExhausted',
    );
    return [
      {
        what: awaited.what === 'ack' ? 'answered' : 'delivered',
        at: ['emit'],
        isCovered: some(step, ({ output }) => lengthOf(memberOf(output, 'failed')) === 0 || isAnswered(output)),
      },
      {
        what: awaited.what === 'ack' ? 'all deliveries failed' : 'delivery failed',
        at: [onExhausted === undefined ? 'emit' : 'onExhausted'],
        isCovered: hasFailed,
      },
      timeoutPoint(endedByTimeout(step), step.onTimeout, step.await === undefined ? 'emit' : 'await'),
    ];
  },
  waitFor: (step) => [
    { what: 'event arrived', at: ['waitFor'], isCovered: some(step, ({ status }) => status === 'done') },
    timeoutPoint(endedByTimeout(step), step.onTimeout),
    ...(step.where === undefined ? [] : bothWays(step, 'where', ['where'])),
  ],
  approve: (step) => {
    const { onReject } = step;
    const isRejection = some(
      step,
      ({ output, error }) => memberOf(output, 'approved') === false || error?.type === 'Rejected',
    );
    const rejected = (seen: SeenRuns) => isRejection(seen) || (Array.isArray(onReject) && entered(onReject)(seen));
    return [
      {
        what: 'approved',
        at: ['approve'],
        isCovered: some(step, ({ output }) => memberOf(output, 'approved') === true),
      },
      { what: 'rejected', at: [onReject === undefined ? 'approve' : 'onReject'], isCovered: rejected },
      timeoutPoint(endedByTimeout(step), step.onTimeout),
    ];
  },
};

function verbPoints(step: Step): StepPoint[] {
  const points = pointsByVerb[verbOf(step)] as (step: Step) => StepPoint[]; // The verb says of which type the step is.
  return points(step);
}

/** A group also fails as `TimedOut` if a step inside does. */
function lateOf(step: DoStep | ParallelStep): StepPoint[] {
  const { deadline, onTimeout } = step;
  if (deadline === undefined) return [];
  const failed = `Step "${step.id}" was not done within ${deadline}`;
  const ended = some(step, ({ status, error }) => status === 'timedOut' || error?.message === failed);
  return [timeoutPoint(ended, onTimeout, 'deadline')];
}

/** Its own list, for the whole definition. */
export function definitionPoints({ deadline, onTimeout, afterUndo }: Definition): StepPoint[] {
  const late = Array.isArray(onTimeout) && deadline !== undefined ? [onTimeout] : [];
  return [
    ...late.map((steps) => ({ what: timedOutPoint, at: ['onTimeout'], isCovered: entered(steps) })),
    ...(afterUndo === undefined ? [] : [{ what: 'after undoing', at: ['afterUndo'], isCovered: entered(afterUndo) }]),
  ];
}

/** Of no list: -1. */
function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : -1;
}

function endedByTimeout(step: Step): StepPoint['isCovered'] {
  return some(step, ({ status, error }) => status === 'timedOut' || error?.type === 'TimedOut');
}

function timeoutPoint(ended: StepPoint['isCovered'], onTimeout: OnTimeout | undefined, limit = 'timeout'): StepPoint {
  return {
    what: timedOutPoint,
    at: [onTimeout === undefined ? limit : 'onTimeout'],
    isCovered: (seen) => ended(seen) || (Array.isArray(onTimeout) && entered(onTimeout)(seen)),
  };
}

function bothWays(step: Step, position: string, at: StepPoint['at']): StepPoint[] {
  return [true, false].map((value) => ({
    what: `${position} ${value}`,
    at,
    isCovered: decided(step, position, value),
  }));
}

function decided(step: Step, position: string, value: boolean): StepPoint['isCovered'] {
  return some(step, ({ decisions }) => decisions.some((each) => each.position === position && each.value === value));
}

function some({ id }: Step, holds: (entry: TraceEntry) => boolean): StepPoint['isCovered'] {
  return ({ entriesOf }) => entriesOf(id).some(holds);
}

/** Whether a list of steps was entered: its first step ran, or its own guard skipped it. */
function entered([first]: Step[]): StepPoint['isCovered'] {
  if (first === undefined) return () => false;
  return some(first, ({ status, decisions }) => status !== 'skipped' || decisions.length > 0);
}

function listIn(value: unknown, name: string): unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : [];
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name]; // Its own.
}
