import { basename, dirname } from 'node:path';
import { settingVariables } from '../config.ts';
import { layersOf } from '../definition-layers.ts';
import type { ProjectSettings } from '../language/project-settings.ts';
import { readSettings, type ReadSettings } from '../server/read-settings.ts';

/** The folders of a definitions folder that hold definitions. */
const definitionFolders = ['workflows', 'examples'];

/** Whether the environment counts for the values. In tests it does not, so that they have the same result everywhere. */
export type ValuesFrom = 'environment' | 'defaults';

/**
 * The settings for the definitions in `folder`. `definitions` is the folder that counts for definitions outside of one. `problems` are those
 * of environment variables. The settings are undefined if `settings.json` has a mistake, which `kait validate` shows, or if no folder counts.
 */
export function settingsBeside(
  folder: string,
  from: ValuesFrom,
  definitions?: string,
): { settings: ProjectSettings | undefined; problems: string[] } {
  const home = definitionFolders.includes(basename(folder)) ? dirname(folder) : definitions;
  if (home === undefined) return { settings: undefined, problems: [] };
  const read = readSettingsOf(home, from);
  return 'problem' in read ? { settings: undefined, problems: [] } : read;
}

function readSettingsOf(definitions: string, from: ValuesFrom): ReadSettings | { problem: string } {
  const variables = from === 'environment' ? settingVariables() : {};
  return readSettings(layersOf(definitions, 'settings.json'), variables, { isComplete: false });
}
