import type { Config } from '../../config.ts';
import {
  type ActivitiesFrom,
  keepLastGoodActivities,
  type LoadedActivities,
  openActivities,
} from '../activities/open-activities.ts';

/** The project's activities, which may change while Kait runs. */
export interface FollowedActivities {
  /** The latest. An attempt under way goes on with the code with which it began. */
  latest(): LoadedActivities;
  /** Reads the files again. One with a mistake keeps its last good version. */
  reload(): Promise<void>;
}

export async function followActivities(
  { definitions }: Pick<Config, 'definitions'>,
  from: ActivitiesFrom,
): Promise<FollowedActivities> {
  let latest = await openActivities(definitions, from);
  return {
    latest: () => latest,
    async reload() {
      latest = keepLastGoodActivities(latest, await openActivities(definitions, from));
    },
  };
}
