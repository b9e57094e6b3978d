import type { Client, Connection } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { expect, it } from 'vitest';
import { createLookAtRun, lookAtRuns } from '../../../server/runs/look-at-run.ts';
import { searchAttributes } from '../../../server/search-attributes.ts';

const startTime = new Date('2026-01-01T00:00:00Z');

/** A run as Temporal describes it, with the last event of its history. */
function temporal(status: string, { attributes = [], last }: { attributes?: [string, string][]; last?: object } = {}) {
  const keys = { state: searchAttributes.state, step: searchAttributes.step };
  const typedSearchAttributes = new TypedSearchAttributes(
    attributes.map(([key, value]) => ({ key: keys[key as keyof typeof keys], value })),
  );
  const described = { workflowId: 'a', runId: 'r', status: { name: status }, startTime, typedSearchAttributes };
  const client = { workflow: { getHandle: () => ({ describe: () => Promise.resolve(described) }) } };
  const workflowService = {
    getWorkflowExecutionHistory: () => Promise.resolve({ history: { events: last === undefined ? [] : [last] } }),
  };
  return { client, connection: { workflowService }, namespace: 'default' } as unknown as {
    client: Client;
    connection: Connection;
    namespace: string;
  };
}

const failure = (message: string, details: string) => ({
  workflowExecutionFailedEventAttributes: {
    failure: { message, applicationFailureInfo: { details: { payloads: [{ data: Buffer.from(details) }] } } },
  },
});

it.each([
  ['RUNNING', {}, { state: 'running', step: null, why: null }],
  [
    'RUNNING',
    {
      attributes: [
        ['state', 'parked'],
        ['step', 'tell/0'],
      ],
    },
    { state: 'parked', step: 'tell/0', why: null },
  ],
  ['COMPLETED', {}, { state: 'completed', step: null, why: null }],
  ['CANCELLED', {}, { state: 'canceled', step: null, why: null }],
  ['TIMED_OUT', {}, { state: 'failed', step: null, why: 'It has reached the time limit of all runs.' }],
  [
    'TERMINATED',
    { last: { workflowExecutionTerminatedEventAttributes: { reason: 'ana: wrong order' } } },
    { state: 'terminated', step: null, why: 'ana: wrong order' },
  ],
  [
    'FAILED',
    { last: failure('Step "tell" failed: 404', '{"stepId":"tell"}') },
    { state: 'failed', step: 'tell', why: 'Step "tell" failed: 404' },
  ],
  ['FAILED', { last: failure('', 'no JSON') }, { state: 'failed', step: null, why: null }],
  ['FAILED', { last: failure('x', 'null') }, { state: 'failed', step: null, why: 'x' }],
  ['FAILED', { last: failure('x', '{"stepId":7}') }, { state: 'failed', step: null, why: 'x' }],
  ['FAILED', {}, { state: 'failed', step: null, why: null }],
] as [string, Parameters<typeof temporal>[1], object][])(
  'says how a run stands that is %s: %j',
  async (status, more, found) => {
    expect(await createLookAtRun(temporal(status, more))('a')).toEqual({ status, startedAt: startTime, ...found });
  },
);

it('writes on one short line, without secrets and without what would harm a terminal, why a run has failed', async () => {
  const message = `No answer\n  from https://user:pw@shop.example/a?key=s3cret \u001b[2J${'x'.repeat(500)}`;
  const look = await createLookAtRun(temporal('FAILED', { last: failure(message, '{}') }))('a');
  expect(look?.why).toMatch(/^No answer from https:\/\/\[redacted\]@shop\.example\/a\?\[redacted\] \uFFFD\[2Jx+…$/);
  expect(look?.why).toHaveLength(300);
});

it('is null if Temporal does not answer', async () => {
  const deps = temporal('RUNNING');
  Object.assign(deps.client.workflow, {
    getHandle: () => ({ describe: () => Promise.reject(new Error('14 UNAVAILABLE')) }),
  });
  expect(await createLookAtRun(deps)('a')).toBeNull();
});

it('looks at twenty runs at once, in their order', async () => {
  let open = 0;
  let most = 0;
  const ids = Array.from({ length: 45 }, (_each, index) => `run-${index}`);
  const looks = await lookAtRuns(async (workflowId) => {
    open += 1;
    most = Math.max(most, open);
    await Promise.resolve();
    open -= 1;
    return { status: workflowId, state: 'running', step: null, why: null, startedAt: null };
  }, ids);
  expect(looks.map((look) => look?.status)).toEqual(ids);
  expect(most).toBe(20);
});
