import { basename, dirname } from 'node:path';
import { kaitAlone, type LoadedActivities, openActivities } from './open-activities.ts';

/** The folders of a definitions folder that hold definitions. */
const definitionFolders = ['workflows', 'examples'];

/**
 * The activities that the definitions in `folder` may call, as the files say now. `definitions` is the folder that counts for definitions
 * outside of one.
 */
export function activitiesBeside(folder: string, definitions?: string): Promise<LoadedActivities> {
  const home = definitionFolders.includes(basename(folder)) ? dirname(folder) : definitions;
  return home === undefined ? Promise.resolve(kaitAlone()) : openActivities(home, 'sources');
}
