import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createPayloadRelease, endLostRun } from '../../worker/payload-release.ts';

/** A Temporal that knows these workflows, with what was ended there and why. */
function temporal(known: string[]) {
  const ended: [string, string | undefined][] = [];
  const missing = (id: string) => Promise.reject(new WorkflowNotFoundError('gone', id, undefined));
  const getHandle = (id: string) => ({
    describe: () => (known.includes(id) ? Promise.resolve({}) : missing(id)),
    terminate: (reason?: string) => (known.includes(id) ? Promise.resolve(ended.push([id, reason])) : missing(id)),
  });
  return { client: { getHandle } as unknown as Pick<WorkflowClient, 'getHandle'>, ended }; // Nothing else is asked.
}

async function released(
  due: string,
  known: string[],
  successors?: (ids: string[]) => Promise<string[]>,
): Promise<{ kept: string[]; deleted: string[] }> {
  const kept: string[] = [];
  const deleted: string[] = [];
  const release = createPayloadRelease({
    payloads: {
      due: () => Promise.resolve([due]),
      keep: ({ workflowId }) => Promise.resolve(void kept.push(workflowId)),
      release: ({ workflowId }) => Promise.resolve(deleted.push(workflowId)),
    },
    client: temporal(known).client,
    ...(successors && { successors }),
    ...{ namespace: 'default', log: pino({ level: 'silent' }), intervalMs: 1_000 },
  });
  await release.releaseOnce();
  return { kept, deleted };
}

it.each([
  ['that Temporal knows', 'kait/def/shop/evt', ['kait/def/shop/evt'], 'kept'],
  ['of which Temporal knows the parent', 'kait/def/shop/evt/pay/3', ['kait/def/shop/evt'], 'kept'],
  ['that Temporal has forgotten', 'kait/def/shop/evt', ['kait/def/shop/evt2', 'kait'], 'deleted'],
])('handles the values of a run %s', async (_what, due, known, fate) => {
  const outcome = { kept: [], deleted: [], [fate]: [due] };
  expect(await released(due, known)).toEqual(outcome);
});

it.each([
  ['kept, while Temporal knows a run that goes on under the same keys', ['kait/def/shop/evt/retry-1'], 'kept'],
  ['deleted once Temporal has forgotten all of them', [], 'deleted'],
])('has the result of a step %s', async (_what, known, fate) => {
  const due = 'kait/def/shop/evt/pay';
  const successors = (ids: string[]) =>
    Promise.resolve(ids.includes('kait/def/shop/evt') ? ['kait/def/shop/evt/retry-1'] : []);
  expect(await released(due, known, successors)).toEqual({ kept: [], deleted: [], [fate]: [due] });
});

it.each([
  ['the run', ['kait/def/shop/evt/child', 'kait/def/shop/evt'], 'kait/def/shop/evt/child'],
  ['the run that waits for the result, once the run has ended', ['kait/def/shop/evt'], 'kait/def/shop/evt'],
])('ends %s whose value is gone, with the reason', async (_what, open, id) => {
  const { client, ended } = temporal(open);
  await endLostRun({ client }, 'kait/def/shop/evt/child', 'lost');
  expect(ended).toEqual([[id, 'lost']]);
});

it('ends nothing if no such run is open', async () => {
  const { client, ended } = temporal([]);
  await endLostRun({ client }, 'kait/def/shop/evt', 'lost');
  expect(ended).toEqual([]);
});
