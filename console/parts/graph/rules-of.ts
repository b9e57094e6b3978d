import type { ChartRules } from '../../../authoring/graph-definition.ts';
import type { components } from '../../../cli/api-types.ts';

type Activity = Pick<components['schemas']['WorkbenchActivity'], 'name' | 'where' | 'taskQueue'>;

/** The activities that run within the worker's database transaction. */
export function localOf(activities: readonly Activity[]): string[] {
  return activities.flatMap(({ name, where }) => (where === 'local' ? [name] : []));
}

/** What a graph tells about activities that only Kait knows. */
export function rulesOf(activities: readonly Activity[]): ChartRules {
  const queues = new Map(activities.map(({ name, taskQueue }) => [name, taskQueue]));
  return { localActivities: localOf(activities), taskQueueOf: (name) => queues.get(name) ?? null };
}
