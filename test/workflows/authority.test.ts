import { expect, it } from 'vitest';
import type { RunInput } from '../../language/definition.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { authorityOf, isContinued } from '../../workflows/authority.ts';

const genuine = 'kait/fulfil/stripe/evt_1';
const root = { workflowId: genuine, input: 'a'.repeat(64), seal: 'b'.repeat(64) };
const input: RunInput = {
  definition: { name: 'refund', on: 'run', steps: [] },
  definitionHash: 'x',
  event: sampleEvent(),
  localActivities: [],
  root,
};
const parentOf = (workflowId: string, namespace = 'default') => ({ workflowId, runId: 'r', namespace });

function authorityIn(workflowId: string, parent: ReturnType<typeof parentOf> | undefined, rootId?: string) {
  const top = rootId === undefined ? {} : { root: { workflowId: rootId, runId: 'r' } };
  return authorityOf(input, { workflowId, namespace: 'default', ...(parent && { parent }), ...top });
}

it.each([
  ['a child', `${genuine}/refund`, genuine],
  ["a child's child", `${genuine}/refund/3/notify`, `${genuine}/refund/3`],
])("takes the parent's word in %s of a run of Kait's", (_what, workflowId, parent) => {
  const authority = { ...root, definition: expect.stringMatching(/^[0-9a-f]{64}$/) };
  expect(authorityIn(workflowId, parentOf(parent), genuine)).toEqual(authority);
  expect(authorityIn(workflowId, parentOf(parent))).toEqual(authority); // Older servers do not tell the root.
});

it.each<[string, string, ReturnType<typeof parentOf> | undefined, string | undefined]>([
  ['without a parent', `${genuine}/refund`, undefined, undefined],
  ["of a parent with somebody else's id", `${genuine}/refund`, parentOf('evil/parent'), 'evil/parent'],
  ["of a parent with somebody else's id, on an older server", `${genuine}/refund`, parentOf('evil/parent'), undefined],
  ['of a parent whose id only begins like one', `${genuine}0/refund`, parentOf(`${genuine}0`), undefined],
  ['of a parent that nobody of the family has started', `${genuine}/x/y`, parentOf(`${genuine}/x`), `${genuine}/x`],
  ['with an id that is not below its parent', `${genuine}/refund`, parentOf(`${genuine}/x`), genuine],
  ['of a parent in another namespace', `${genuine}/refund`, parentOf(genuine, 'other'), genuine],
])('takes no word in a child run %s', (_what, workflowId, parent, rootId) => {
  expect(authorityIn(workflowId, parent, rootId)).toMatchObject({ workflowId, seal: '' });
});

it.each<[string, Parameters<typeof isContinued>[0], boolean]>([
  ['Temporal has continued', { continuedFromExecutionRunId: 'before' }, true],
  ['is the first of its kind', {}, false],
  ['a cron schedule repeats', { continuedFromExecutionRunId: 'before', cronSchedule: '@every 1s' }, false],
  ['a retry policy repeats', { continuedFromExecutionRunId: 'before', retryPolicy: { maximumAttempts: 2 } }, false],
])('knows whether a run goes on that %s', (_what, info, expected) => {
  expect(isContinued(info)).toBe(expected);
});
