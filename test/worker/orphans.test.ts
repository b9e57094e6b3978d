import { WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { createOrphans, type OrphansDeps } from '../../worker/orphans.ts';

const parent = { workflowId: 'kait/pay/shop/evt', runId: 'ended', closeTime: new Date('2026-11-25T08:00:00Z') };
const child = { workflowId: 'kait/pay/shop/evt/send', runId: 'child', memo: { waitedForBy: parent.workflowId } };
const gone = new WorkflowNotFoundError('workflow not found', child.workflowId, undefined);

/** A round at a time of day, with Temporal as described. */
function world({
  ended = [parent],
  children = [child] as object[],
  parentIsOpen = false,
  cancel = () => Promise.resolve(),
}: {
  ended?: (typeof parent)[];
  children?: object[];
  parentIsOpen?: boolean;
  cancel?: (workflowId: string) => Promise<void>;
} = {}) {
  const canceled: string[] = [];
  const queries: string[] = [];
  let now = new Date('2026-11-25T08:01:00Z');
  const client = {
    list: ({ query }: { query: string }) => {
      queries.push(query);
      return query.includes('ParentWorkflowId') ? children : ended;
    },
    getHandle: (workflowId: string) => ({
      describe: () => Promise.resolve({ closeTime: parentIsOpen ? undefined : parent.closeTime }),
      cancel: () => {
        canceled.push(workflowId);
        return cancel(workflowId);
      },
    }),
  } as unknown as OrphansDeps['client']; // Only what it uses.
  const orphans = createOrphans({
    ...{ client, installation: 'kait', clock: () => now, intervalMs: 1 },
    log: { warn: () => undefined },
  });
  return {
    canceled,
    queries,
    roundAt: (time: string) => {
      now = new Date(`2026-11-25T${time}Z`);
      return orphans.cancelOnce();
    },
  };
}

it('asks for the runs of this installation that were ended within a day, and for their open children', async () => {
  const { queries, roundAt, canceled } = world();
  await roundAt('08:01:00');
  expect(queries).toEqual([
    '(ExecutionStatus = "Terminated" OR ExecutionStatus = "TimedOut") AND CloseTime > "2026-11-24T08:01:00.000Z" AND WorkflowId STARTS_WITH "kait/"',
    'ExecutionStatus = "Running" AND ParentWorkflowId STARTS_WITH "kait/pay/shop/evt"',
  ]);
  expect(canceled).toEqual(['kait/pay/shop/evt/send']);
});

it.each([
  ['is detached', { ...child, memo: {} }],
  ['has no memo', { ...child, memo: undefined }],
  ['belongs to another run whose id begins alike', { ...child, memo: { waitedForBy: 'kait/pay/shop/evt2' } }],
])('leaves a child alone that %s', async (_what, other) => {
  const { canceled, roundAt } = world({ children: [other] });
  await roundAt('08:01:00');
  expect(canceled).toEqual([]);
});

it('leaves the child of a run alone that was reset, because its next run waits for the child', async () => {
  const { canceled, roundAt } = world({ parentIsOpen: true });
  await roundAt('08:01:00');
  expect(canceled).toEqual([]);
});

it('is done with a child that ends meanwhile', async () => {
  const { roundAt } = world({ cancel: () => Promise.reject(gone) });
  await expect(roundAt('08:01:00')).resolves.toBeUndefined();
});

it('goes on after a run whose child cannot be canceled, and says that it could not', async () => {
  const bad = { workflowId: 'kait/bad', runId: 'bad', closeTime: parent.closeTime };
  const badChild = { workflowId: 'kait/bad/send', runId: 'bad-child', memo: { waitedForBy: 'kait/bad' } };
  const { canceled, roundAt } = world({
    ended: [bad, parent],
    children: [badChild, child],
    cancel: (workflowId) => (workflowId === 'kait/bad/send' ? Promise.reject(new Error('strange')) : Promise.resolve()),
  });
  await expect(roundAt('08:01:00')).rejects.toThrow('1 runs have children that were not canceled');
  expect(canceled).toEqual(['kait/bad/send', 'kait/pay/shop/evt/send']);
});

it('looks for children for five minutes, since the list may lag behind, and once more', async () => {
  const { queries, roundAt } = world();
  await roundAt('08:04:00');
  await roundAt('08:06:00');
  await roundAt('08:07:00');
  expect(queries.filter((query) => query.includes('ParentWorkflowId'))).toHaveLength(2);
});
