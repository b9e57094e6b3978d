import { basename, dirname } from 'node:path';
import { createCatalogue, withEventTypes } from '../activities/catalogue.ts';
import type { OwnActivity } from '../activities/own/define-activity.ts';
import { entryOf } from '../activities/own/own-entry.ts';
import { requireDefinition } from '../cli/definition-files.ts';
import { eventTypesBeside } from '../cli/event-types-beside.ts';
import { installationOf } from '../cli/open-definition.ts';
import { secretsBeside } from '../cli/secrets-beside.ts';
import { settingsBeside } from '../cli/settings-beside.ts';
import { KaitError } from '../errors.ts';
import type { Definition } from '../language/definition.ts';
import { formatFindings } from '../language/finding.ts';
import type { JsonObject } from '../language/json.ts';
import { checkFolder } from '../server/load-definitions.ts';
import type { SimulationOptions } from '../simulator/simulate.ts';

/** A definition without mistakes, and what a simulation of it needs. */
export interface Tested extends Required<
  Pick<SimulationOptions, 'children' | 'activities' | 'finalErrors' | 'harmlessErrors'>
> {
  definition: Definition;
  /** Their defaults. */
  settings: JsonObject;
}

/** Reads a definition together with those beside it, which it may run. Throws `KAIT_DEFINITIONS_INVALID` if it has a mistake. */
export async function openTested(file: string, activities: readonly OwnActivity[]): Promise<Tested> {
  await requireDefinition(file, 'runDefinition');
  const folder = dirname(file);
  const catalogue = createCatalogue({
    own: Object.fromEntries(activities.map((activity) => [activity.name, entryOf(activity)])),
  });
  const { settings } = settingsBeside(folder, 'defaults');
  const eventTypes = await eventTypesBeside(folder);
  const around = { secrets: await secretsBeside(folder), settings, eventTypes };
  const checked = await checkFolder(folder, catalogue.callable, around);
  const found = checked.find((each) => basename(each.file) === basename(file));
  const definition = found?.loaded?.definition;
  if (definition === undefined) {
    const findings = found === undefined ? 'Kait passes over hidden files.' : formatFindings(found);
    throw new KaitError('KAIT_DEFINITIONS_INVALID', `${file} cannot be run.\n\n${findings}`);
  }
  const sound = checked.flatMap(({ loaded }) => loaded?.definition ?? []);
  return {
    ...installationOf(withEventTypes(catalogue, eventTypes)),
    definition,
    children: Object.fromEntries(sound.map((each) => [each.name, each])),
    settings: settings?.values ?? {},
  };
}
