import { describe, expect, it } from 'vitest';
import type { Json } from '../../language/json.ts';
import type { SimulationOptions } from '../../simulator/simulate.ts';
import type { Simulation, TraceEntry } from '../../simulator/simulation.ts';
import { flowCases, type CallOutcome, type FlowCase, type Seen } from '../workflows/flow-cases.ts';
import { linesOf, runDefinition } from './run-definition.ts';

/* Deadlines, quorums and steps after undoing. `test/workflows/flow.integration.test.ts` has the cases on a real server. */

function mockOf(outcome: CallOutcome): Json {
  const { afterMs = 0 } = outcome;
  const after = `${afterMs}ms`;
  return 'value' in outcome
    ? { after, result: outcome.value }
    : { after, error: { type: outcome.error, message: outcome.error, retryable: false, inDoubt: false } };
}

function simulateCase({ definition, children = {}, calls = {} }: FlowCase, options: Partial<SimulationOptions> = {}) {
  return runDefinition(definition, {
    children: Object.fromEntries(
      Object.entries(children).map(([name, child]) => [name, { name, on: 'run', ...child }]),
    ),
    mocks: Object.fromEntries(Object.entries(calls).map(([key, outcome]) => [key, mockOf(outcome)])),
    ...options,
  });
}

const isUndo = (call: string) => call.endsWith('/undo');

/** The simulator lists undone steps apart from the others, and no step that never began. */
function apart({ end, status, calls }: Seen) {
  const begun = Object.entries(status).filter(([, each]) => each !== 'pending');
  return {
    end,
    status: Object.fromEntries(begun),
    calls: calls.filter((call) => !isUndo(call)),
    undone: calls.filter(isUndo),
  };
}

function seenIn({ status, output, error, trace, undone }: Simulation): ReturnType<typeof apart> {
  return {
    end: status === 'completed' ? output : `${error?.type}: ${error?.message}`,
    status: Object.fromEntries(
      trace.filter(({ path }) => !path.includes('/')).map(({ path, status }) => [path, status]),
    ),
    calls: trace.filter(({ attempts }) => attempts.length > 0).map(callText),
    undone: undone.map(({ path }) => `${path}/undo`),
  };
}

function callText({ what, path, input }: TraceEntry): string {
  return what === 'mail.send' && Object.keys(input ?? {}).length > 0 ? `${path} ${JSON.stringify(input)}` : path;
}

it.each(flowCases)('$it', async (each) => {
  expect(seenIn(await simulateCase(each))).toEqual(apart(each.expected));
});

describe('continuing as a new run changes nothing that can be seen', () => {
  it.each(flowCases.flatMap((each) => [1, 2].map((every) => ({ ...each, every }))))(
    'every $every steps: $it',
    async ({ every, ...each }) => {
      expect(seenIn(await simulateCase(each, { continueEvery: every }))).toEqual(apart(each.expected));
    },
  );
});

it('counts a deadline from the beginning of the group, to the millisecond', async () => {
  const simulation = await runDefinition(
    {
      steps: [
        { id: 'before', wait: '1h' },
        {
          id: 'group',
          deadline: '2h',
          onTimeout: [{ id: 'pause', wait: '5m' }],
          do: [
            { id: 'first', wait: '90m' },
            { id: 'second', wait: '90m' },
          ],
        },
      ],
    },
    { continueEvery: 1 },
  );
  expect(linesOf(simulation)).toEqual([
    'before done +1h',
    'group timedOut +3h 5m',
    'first done +2h 30m',
    'second canceled +3h',
    'pause done +3h 5m',
  ]);
});

it('is late at the very instant of the deadline', async () => {
  const group = { id: 'group', deadline: '1h', onTimeout: 'continue' as const, do: [{ id: 'wait', wait: '1h' }] };
  expect(linesOf(await runDefinition({ steps: [group] }))).toEqual(['group timedOut +1h', 'wait canceled +1h']);
});

it('is canceled with its run, without the steps for its deadline', async () => {
  const group = {
    id: 'group',
    deadline: '1h',
    onTimeout: [{ id: 'late', set: { late: true } }],
    do: [{ id: 'wait', wait: '2h' }],
  };
  const simulation = await runDefinition(
    {
      deadline: '2h',
      onTimeout: [{ id: 'over', set: { over: true } }],
      steps: [group],
      afterUndo: [{ id: 'tell', set: { told: true } }],
    },
    { script: [{ at: '+30m', cancel: true }] },
  );
  expect(simulation.status).toBe('canceled');
  expect(linesOf(simulation)).toEqual(['group canceled +30m', 'wait canceled +30m']);
});

it('gives a group a new deadline when a parked step is retried', async () => {
  const group = {
    id: 'group',
    deadline: '1h',
    do: [
      { id: 'wait', wait: '50m' },
      { id: 'more', wait: '20m' },
    ],
  };
  const simulation = await runDefinition(
    { onFail: 'park', steps: [group] },
    { script: [{ at: '+90m', steer: { retry: 'group' } }] },
  );
  expect(linesOf(simulation)).toEqual(['group done +1h 50m', 'wait done +50m', 'more done +1h 50m']);
});

it('keeps what a child run has done after undoing out of what its parent undoes', async () => {
  const simulation = await runDefinition(
    {
      steps: [
        {
          id: 'guarded',
          try: [{ id: 'child', run: 'child' }],
          catch: [{ do: [{ id: 'caught', set: { caught: true } }] }],
        },
        { id: 'no', fail: 'no' },
      ],
      onFail: 'undo',
    },
    {
      children: {
        child: {
          name: 'child',
          on: 'run',
          steps: [{ id: 'fails', fail: 'no' }],
          afterUndo: [{ id: 'tell', run: 'teller' }],
        },
        teller: {
          name: 'teller',
          on: 'run',
          steps: [{ id: 'note', call: 'orders.create', undo: { call: 'orders.cancel' } }],
        },
      },
    },
  );
  expect(simulation.trace.find(({ path }) => path === 'child/tell/note')?.status).toBe('done');
  expect(simulation.undone).toEqual([]);
});

it('undoes what the steps for the deadline of a run have done if they fail', async () => {
  const undo = { call: 'orders.cancel' };
  const simulation = await runDefinition({
    deadline: '1h',
    steps: [{ id: 'wait', wait: '2h' }],
    onTimeout: [
      { id: 'pay', call: 'orders.create', undo },
      { id: 'no', fail: 'no' },
    ],
  });
  expect(simulation.undone.map(({ path, at }) => `${path} ${at}`)).toEqual(['pay +1h']);
});
