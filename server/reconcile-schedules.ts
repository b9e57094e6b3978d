import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleClient,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { reconcileDefinitionName, reconcileRunOf } from './reconcile-run.ts';
import { searchAttributes } from './start-run.ts';

export interface ReconciledSource {
  name: string;
  /** Its preset's name. */
  gateway: string;
  everyMs: number;
}

export interface ReconcileSchedulesDeps {
  /** `client.schedule`. */
  schedules: Pick<ScheduleClient, 'create' | 'getHandle' | 'list'>;
  /** Of the runs; a schedule of another installation in the same namespace is left alone by it. */
  taskQueue: string;
  now: () => Date;
}

/** `kait-reconcile-<source>`. */
export function scheduleIdOf(source: string): string {
  return `${reconcileDefinitionName}-${source}`;
}

/** Passes take minutes at most; one that takes longer than this has lost its purpose. */
const executionTimeout = '6 hours';

/**
 * Makes Temporal's schedules those of the sources: creates, changes and deletes. Safe to repeat, and beside another server that
 * does the same. What an operator has paused stays so. Rejects where Temporal does not answer.
 */
export async function syncReconcileSchedules(
  deps: ReconcileSchedulesDeps,
  sources: readonly ReconciledSource[],
): Promise<void> {
  for (const source of sources) await put(deps, source);
  const wanted = new Set(sources.map(({ name }) => scheduleIdOf(name)));
  for await (const { scheduleId, memo } of deps.schedules.list()) {
    const own = scheduleId.startsWith(`${reconcileDefinitionName}-`) && memo?.taskQueue === deps.taskQueue;
    if (own && !wanted.has(scheduleId)) await remove(deps, scheduleId);
  }
}

async function put(deps: ReconcileSchedulesDeps, source: ReconciledSource): Promise<void> {
  const scheduleId = scheduleIdOf(source.name);
  const options = optionsOf(source, deps);
  try {
    await deps.schedules.create({ scheduleId, memo: { taskQueue: deps.taskQueue }, ...options });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await deps.schedules.getHandle(scheduleId).update(({ state }) => ({ ...options, state }));
  }
}

async function remove({ schedules }: ReconcileSchedulesDeps, scheduleId: string): Promise<void> {
  try {
    await schedules.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error; // The list is a little behind.
  }
}

function optionsOf({ name, gateway, everyMs }: ReconciledSource, { taskQueue, now }: ReconcileSchedulesDeps) {
  return {
    spec: { intervals: [{ every: everyMs }] },
    policies: {
      // A pass looks as far back as the next one: of those that an outage has kept from starting, one is enough.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: Math.max(everyMs, 60_000),
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: reconcileDefinitionName,
      // Temporal adds the time of the pass.
      workflowId: `${reconcileDefinitionName}/${name}`,
      taskQueue,
      args: [reconcileRunOf({ source: name, gateway, at: now() })],
      workflowExecutionTimeout: executionTimeout,
      staticSummary: `events of ${name} that did not arrive`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: searchAttributes.definition, value: reconcileDefinitionName },
        { key: searchAttributes.source, value: name },
        { key: searchAttributes.eventType, value: 'kait:reconcile' },
      ]),
    },
  };
}
