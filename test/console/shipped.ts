import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { activitiesBeside } from '../../cli/activities/activities-beside.ts';
import { workbenchOf } from '../../cli/compose/workbench.ts';
import { eventTypesBeside } from '../../cli/event-types-beside.ts';
import { settingsBeside } from '../../cli/settings-beside.ts';
import type { Bench } from '../../console/pages/playground/worker/protocol.ts';
import { packagePath } from '../../package-path.ts';
import { checkFolder } from '../../server/load-definitions.ts';

/** Folders of definitions with tests: what comes with Kait, and what it once got wrong, such as races and cancellations. */
export const folders = {
  workflows: packagePath('definitions', 'workflows'),
  examples: packagePath('definitions', 'examples'),
  cases: packagePath('test', 'simulator', 'cases'),
};

/** The definitions of a folder, and their tests. */
export function definitionsIn(folder: string): { file: string; tests: string }[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.endsWith('.test.json'));
  return names.map((name) => ({
    file: join(folder, name),
    tests: join(folder, name.replace(/\.json$/, '.test.json')),
  }));
}

/** What a server that served the folder would tell the playground. */
export async function benchOf(folder: string): Promise<Bench> {
  const { catalogue } = await activitiesBeside(folder);
  const { settings = { types: {}, values: {} } } = settingsBeside(folder, 'defaults');
  const eventTypes = await eventTypesBeside(folder);
  const checked = await checkFolder(folder, catalogue.callable, { settings, eventTypes });
  const definitions = checked.flatMap(({ loaded }) => (loaded === null ? [] : [{ ...loaded, children: {} }]));
  const bench = workbenchOf({
    ...{ activities: { catalogue }, definitions, eventTypes, settings, settingDefaults: settings.values },
  });
  return JSON.parse(JSON.stringify(bench)) as Bench; // As it comes by HTTP.
}
