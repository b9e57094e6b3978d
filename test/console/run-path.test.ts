import { expect, it } from 'vitest';
import { graphOf } from '../../authoring/definition-graph.ts';
import { pathOf } from '../../console/pages/runs/run-path.ts';
import type { FullRun, RunStep } from '../../console/pages/runs/run-state.ts';
import type { Step } from '../../language/definition.ts';
import { runRules } from '../authoring/run-rules.ts';

const set = (id: string): Step => ({ id, set: { a: 1 } });
const guarded = (id: string): Step => ({ ...set(id), if: { var: 'vars.x' } });

const stood = (id: string, status: RunStep['status'], inside: RunStep[] = []): RunStep => ({
  ...{ id, verb: 'set', title: id, what: null, status, startedAt: null, endedAt: null, until: null, error: null },
  ...{ items: null, inDoubt: false, undone: null, child: null, input: null, output: null, open: [] },
  branches: inside.length === 0 ? [] : [{ label: 'then', steps: inside }],
});

const said = (step: string, value: boolean) => ({
  ...{ key: step, step, position: 'if', value, because: 'vars.x', at: '2026-11-28T10:00:00.000Z' },
});

function pathOfRun(
  steps: Step[],
  { status = 'RUNNING', stand, decisions = [] }: { status?: string; stand: RunStep[]; decisions?: object[] },
) {
  const graph = graphOf({ name: 'paid', on: { event: 'payment.succeeded' }, steps }, runRules);
  const details = { steps: stand, others: [], decisions } as unknown as FullRun['details'];
  const path = pathOf({ status, details }, graph);
  const nameOf = (name: string) => {
    const node = graph.nodes.find((each) => each.name === name);
    return node?.step === null ? (node.lines[0] ?? '') : `${node?.step ?? name}${node?.shape === 'diamond' ? '?' : ''}`;
  };
  const lines = graph.edges.map(({ from, to }) => `${nameOf(from)} → ${nameOf(to)}`);
  return { taken: lines.filter((_, index) => path.edges.has(index)), steps: [...path.steps.keys()] };
}

it('goes as far as the run has come', () => {
  const stand = [stood('a', 'done'), stood('b', 'running'), stood('c', 'pending')];
  expect(pathOfRun([set('a'), set('b'), set('c')], { stand })).toEqual({
    taken: ['paid → a', 'a → b'],
    steps: ['a', 'b'],
  });
});

it('reaches the end once the run has completed', () => {
  const { taken } = pathOfRun([set('a')], { status: 'COMPLETED', stand: [stood('a', 'done')] });
  expect(taken).toEqual(['paid → a', 'a → done']);
});

it('goes around a step whose condition was not met', () => {
  const stand = [stood('a', 'skipped'), stood('b', 'done')];
  const { taken, steps } = pathOfRun([guarded('a'), set('b')], { stand, decisions: [said('a', false)] });
  expect(taken).toEqual(['paid → a?', 'a? → b']);
  expect(steps).toEqual(['a', 'b']);
});

it('goes through a step whose condition was met, and not around it', () => {
  const stand = [stood('a', 'done'), stood('b', 'done')];
  const { taken } = pathOfRun([guarded('a'), set('b')], { stand, decisions: [said('a', true)] });
  expect(taken).toEqual(['paid → a?', 'a? → a', 'a → b']);
});

it('knows nothing of a run that tells nothing', () => {
  const graph = graphOf({ name: 'paid', on: { event: 'payment.succeeded' }, steps: [set('a')] }, runRules);
  const path = pathOf({ status: 'Unknown', details: null }, graph);
  expect([path.steps.size, path.edges.size]).toEqual([0, 0]);
});
