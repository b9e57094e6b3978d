import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { createOrphans } from '../../worker/orphans.ts';
import { startTemporalHost, type TemporalHost } from '../workflows/temporal-host.ts';

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

const url = 'https://shop.example/';
const children = {
  ship: {
    steps: [
      { id: 'hold', http: `${url}hold`, undo: { http: `${url}release` } },
      { id: 'long', wait: '7d' },
    ] as Step[],
  },
};
const steps: Step[] = [
  { id: 'beside', run: 'ship', detach: true },
  { id: 'send', run: 'ship' },
];

async function statusOf(workflowId: string): Promise<string> {
  return (await host.client.workflow.getHandle(workflowId).describe()).status.name;
}

/** Temporal lists workflows a moment after they start and end. */
async function untilListed(query: string, count: number): Promise<void> {
  await expect.poll(async () => (await host.client.workflow.count(query)).count).toBe(count);
}

it('cancels the children that a terminated run waited for, and not the detached ones', async () => {
  const name = 'orphans';
  const run = await host.start({ name, steps }, { children, event: { id: `it's "evt"` } });
  const { workflowId } = run.handle;
  await expect.poll(() => run.calls.map(({ key }) => key)).toContain('send/hold');
  const orphans = createOrphans({
    client: host.client.workflow,
    installation: name,
    clock: () => new Date(),
    log: { warn: () => undefined },
    intervalMs: 60_000,
  });
  await orphans.cancelOnce();
  expect(await statusOf(`${workflowId}/send`)).toBe('RUNNING');
  await run.handle.terminate();
  await untilListed('WorkflowType = "orphans" AND ExecutionStatus = "Terminated"', 1);
  await untilListed('WorkflowId STARTS_WITH "orphans/" AND ExecutionStatus = "Running"', 2);
  await orphans.cancelOnce();
  await expect.poll(() => statusOf(`${workflowId}/send`)).toBe('CANCELLED');
  expect(await statusOf(`${workflowId}/beside`)).toBe('RUNNING');
  expect(run.calls.map(({ key }) => key).at(-1)).toBe('send/hold/undo');
});
