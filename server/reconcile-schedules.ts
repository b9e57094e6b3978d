import type { Definition } from '../language/definition.ts';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleClient,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { digestOf, type Installation, sealOf, taskQueuesOf } from '../storage/installation.ts';
import { ownRunOf } from './own-run.ts';
import { createFairRounds, type FairRounds, type Turn } from './fair-rounds.ts';
import { searchAttributeNames, searchAttributes } from './search-attributes.ts';

/** Kait's own definition. Its name is also the workflow type in Temporal. */
const reconcileDefinitionName = 'kait-reconcile';

export interface ReconciledSource {
  name: string;
  /** The name of its preset. */
  gateway: string;
  everyMs: number;
}

export interface ReconcileSchedulesDeps {
  /** `client.schedule`. */
  schedules: Pick<ScheduleClient, 'create' | 'getHandle' | 'list'>;
  installation: Installation;
  now: () => Date;
  /** The search attributes that the namespace has. Default: all of Kait's. */
  usableAttributes?: ReadonlySet<string>;
}

/** Returns `<installation>/kait-reconcile/<source>`. Temporal appends the time of each pass to make its workflow's id. */
export function scheduleIdOf(installation: string, source: string): string {
  return `${installation}/${reconcileDefinitionName}/${source}`;
}

/** A pass takes minutes. One that takes longer is superseded by later ones. */
const executionTimeout = '6 hours';

/**
 * Creates, updates and deletes schedules in Temporal so that they match the sources. Idempotent, and safe while another server
 * does the same. Schedules that an operator has paused stay paused. Resolves to the failures by the ids of their schedules, which hold up
 * no other. Rejects if Temporal cannot list the schedules.
 */
export function syncReconcileSchedules(
  deps: ReconcileSchedulesDeps,
  sources: readonly ReconciledSource[],
  rounds: FairRounds = createFairRounds(),
): Promise<Map<string, unknown>> {
  return rounds.run(turnsOf(deps, sources));
}

async function* turnsOf(deps: ReconcileSchedulesDeps, sources: readonly ReconciledSource[]): AsyncGenerator<Turn> {
  const { id } = deps.installation;
  for (const source of sources) yield { key: scheduleIdOf(id, source.name), act: () => put(deps, source) };
  const wanted = new Set(sources.map(({ name }) => scheduleIdOf(id, name)));
  for await (const { scheduleId } of deps.schedules.list()) {
    const isLeftOver = scheduleId.startsWith(scheduleIdOf(id, '')) && !wanted.has(scheduleId);
    if (isLeftOver) yield { key: scheduleId, act: () => remove(deps, scheduleId) };
  }
}

async function put(deps: ReconcileSchedulesDeps, source: ReconciledSource): Promise<void> {
  const scheduleId = scheduleIdOf(deps.installation.id, source.name);
  const options = optionsOf(source, scheduleId, deps);
  try {
    await deps.schedules.create({ scheduleId, ...options });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await deps.schedules.getHandle(scheduleId).update(({ state }) => ({ ...options, state }));
  }
}

async function remove({ schedules }: ReconcileSchedulesDeps, scheduleId: string): Promise<void> {
  try {
    await schedules.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error; // The list lags a little behind.
  }
}

function optionsOf({ name, gateway, everyMs }: ReconciledSource, scheduleId: string, deps: ReconcileSchedulesDeps) {
  const { installation, now, usableAttributes = new Set(searchAttributeNames) } = deps;
  const about = { id: reconcileDefinitionName, source: name, gateway, nativeType: 'reconcile', entity: null };
  const input = ownRunOf(definition, about, now());
  const seal = sealOf(installation, { kind: 'schedule', id: scheduleId, inputDigest: digestOf(input) });
  const attributes = [
    { key: searchAttributes.definition, value: reconcileDefinitionName },
    { key: searchAttributes.source, value: name },
    { key: searchAttributes.eventType, value: 'kait:reconcile' },
  ];
  return {
    spec: { intervals: [{ every: everyMs }] },
    policies: {
      // All passes look equally far back, so after an outage one pass makes up for all that were missed.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: Math.max(everyMs, 60_000),
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: reconcileDefinitionName,
      workflowId: scheduleId,
      taskQueue: taskQueuesOf(installation.id).runs,
      args: [{ ...input, seal }],
      workflowExecutionTimeout: executionTimeout,
      staticSummary: `events of ${name} that did not arrive`,
      typedSearchAttributes: new TypedSearchAttributes(attributes.filter(({ key }) => usableAttributes.has(key.name))),
    },
  };
}

const definition: Definition = {
  name: reconcileDefinitionName,
  title: 'Reconcile',
  on: 'run',
  steps: [
    {
      id: 'ask',
      title: 'Ask the gateway for events that did not arrive',
      call: 'gateway.reconcile',
      with: { source: '{{event.source}}' },
      // A pass sends its requests one after the other. Heartbeats reveal a worker that was killed.
      timeout: '30m',
      heartbeat: '30s',
      retry: { attempts: 6, first: '30s', factor: 2, max: '10m' },
    },
  ],
  output: '{{steps.ask}}',
};
