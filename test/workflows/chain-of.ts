import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { HostedRun, TemporalHost } from './temporal-host.ts';

/** The sizes of the histories of a workflow's runs, each of which continued the one before. */
export async function chainOf(host: TemporalHost, run: HostedRun): Promise<{ events: number; bytes: number }[]> {
  const chain: { events: number; bytes: number }[] = [];
  let runId: string | undefined = run.handle.firstExecutionRunId;
  while (runId !== undefined && runId !== '') {
    const { events }: History = await host.client.workflow.getHandle(run.handle.workflowId, runId).fetchHistory();
    chain.push({ events: events?.length ?? 0, bytes: JSON.stringify(events).length });
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  return chain;
}
