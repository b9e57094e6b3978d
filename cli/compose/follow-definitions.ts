import type { Config } from '../../config.ts';
import type { Database } from '../../storage/database.ts';
import type { LoadedActivities } from '../activities/open-activities.ts';
import { openServedDefinitions, type ServedProject } from './load-served-definitions.ts';

/** The definitions that are served, which may change while Kait runs. */
export interface FollowedDefinitions {
  /** Always the latest: its members must be read when they are needed. Runs under way keep the version that they began with. */
  served: ServedProject;
  /** Reads the folder again. A file with a mistake keeps its last good version. */
  reload(): Promise<void>;
}

export async function followDefinitions(
  config: Pick<Config, 'definitions'>,
  database: Database,
  activities: () => LoadedActivities,
): Promise<FollowedDefinitions> {
  let latest = await openServedDefinitions(config, database, activities());
  return {
    served: {
      get definitions() {
        return latest.definitions;
      },
      get faulty() {
        return latest.faulty;
      },
      get awaited() {
        return latest.awaited;
      },
      get current() {
        return latest.current;
      },
      get files() {
        return latest.files;
      },
      get activities() {
        return latest.activities;
      },
      get eventTypes() {
        return latest.eventTypes;
      },
      get faultyEventTypes() {
        return latest.faultyEventTypes;
      },
      get faultyMails() {
        return latest.faultyMails;
      },
      get settings() {
        return latest.settings;
      },
      get settingDefaults() {
        return latest.settingDefaults;
      },
      get settingsProblem() {
        return latest.settingsProblem;
      },
    },
    async reload() {
      latest = await openServedDefinitions(config, database, activities());
    },
  };
}
