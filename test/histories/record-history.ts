import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import type { HostedRun, TemporalHost } from '../workflows/temporal-host.ts';
import type { HistoryCase } from './cases.ts';

/** Runs a case and returns the histories of its runs in order: several if it continued as new. */
export async function recordHistory(host: TemporalHost, each: HistoryCase): Promise<string[]> {
  const skipTime = each.meanwhile === undefined;
  const run = await host.start({ title: each.name, ...each.definition }, { ...each.options, skipTime });
  await untilBusy(run, each.whileCalling === true);
  await each.meanwhile?.(run);
  await run.handle.result().catch(() => undefined); // A failed run's history is as good.
  return historiesOf(host, run);
}

/** Waits until the first task has ended, since earlier answers are refused. */
async function untilBusy(run: HostedRun, isCallingToo: boolean): Promise<void> {
  const isPending = async () => Object.values(await run.progress()).every(({ status }) => status === 'pending');
  while (await isPending());
  if (isCallingToo) return;
  const isCalling = async () => ((await run.handle.describe()).raw.pendingActivities ?? []).length > 0;
  while (await isCalling());
}

/** Replaces details of the recording machine that no replay reads: worker identities and stack traces. */
function withoutMachine(this: unknown, key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker';
  return key === 'stackTrace' ? '' : value;
}

async function historiesOf(host: TemporalHost, run: HostedRun): Promise<string[]> {
  const histories: string[] = [];
  let runId: string | null | undefined = run.handle.firstExecutionRunId;
  while (runId !== undefined && runId !== null && runId !== '') {
    const history: History = await host.client.workflow.getHandle(run.handle.workflowId, runId).fetchHistory();
    histories.push(`${JSON.stringify(JSON.parse(historyToJSON(history), withoutMachine))}\n`);
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return histories;
}
