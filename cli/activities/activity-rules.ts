import type { RunRules } from '../../authoring/run-rules.ts';
import type { Catalogue } from '../../activities/catalogue.ts';

/** How the activities of a project run, for those who explain definitions. */
export function activityRules({ localNames, external }: Catalogue): Pick<RunRules, 'localActivities' | 'taskQueueOf'> {
  return {
    localActivities: localNames,
    taskQueueOf: (name) => (Object.hasOwn(external, name) ? (external[name]?.taskQueue ?? null) : null),
  };
}
