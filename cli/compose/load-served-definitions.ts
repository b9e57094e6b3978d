import { join } from 'node:path';
import { loadMailTemplates, readMailTemplates, valuesNeededBy } from '../../activities/mail/mail-templates.ts';
import { readSecretsFile } from '../../activities/secrets-file.ts';
import { settingVariables, type Config } from '../../config.ts';
import { layersOf } from '../../definition-layers.ts';
import { KaitError } from '../../errors.ts';
import { formatFindings } from '../../language/finding.ts';
import { type EventTypes, noEventTypes } from '../../language/event-types.ts';
import type { JsonFile } from '../../json-files.ts';
import type { JsonObject } from '../../language/json.ts';
import { openActivities, type ActivitiesFrom, type LoadedActivities } from '../activities/open-activities.ts';
import { withFormerNames } from '../../server/former-names.ts';
import type { ProjectSettings } from '../../language/project-settings.ts';
import { readEventTypes } from '../../server/read-event-types.ts';
import { readSettings } from '../../server/read-settings.ts';
import { loadDefinitions, readDefinitionFiles, type LoadedDefinition } from '../../server/load-definitions.ts';
import { chooseFromFolder, type ServedDefinitions } from '../../server/serve-definitions.ts';
import { readLastGood, recordDefinitions, recordServed } from '../../server/served-definitions.ts';
import { shapesOf } from '../../server/waits/shapes-of.ts';
import type { Database } from '../../storage/database.ts';
import { recordShapes } from '../../storage/waits/wait-shapes.ts';

type Folder = Pick<Config, 'definitions'>;

/** What a server serves, with the activities that it was checked against. */
export interface ServedProject extends ServedDefinitions {
  /** What the definitions may call, and what runs it. */
  activities: LoadedActivities;
  /** What definitions see as `settings`. Null: they cannot be read. */
  settings: ProjectSettings | null;
  /** Their values without the environment, as tests see them. */
  settingDefaults: JsonObject;
  /** The mistakes in `settings.json`. Null: none. */
  settingsProblem: string | null;
  /** What is wrong with mails, by their names. */
  faultyMails: ReadonlyMap<string, string>;
  /** The types of outbound webhooks, without those that have a mistake. */
  eventTypes: EventTypes;
  /** What is wrong with the others, by their names. */
  faultyEventTypes: ReadonlyMap<string, string>;
}

/**
 * Loads all workflow definitions of this installation. Throws KAIT_MAIL_TEMPLATE_INVALID or KAIT_DEFINITIONS_INVALID with what
 * `kait validate` finds.
 */
export async function loadServedDefinitions(config: Folder, from: ActivitiesFrom): Promise<LoadedDefinition[]> {
  const templates = await loadMailTemplates(layersOf(config.definitions, 'mails'));
  const read = await readSecretsFile(secretsFileOf(config));
  if (read.bindings === null) throw new KaitError('KAIT_DEFINITIONS_INVALID', read.problem);
  const settings = settingsOf(config);
  if ('problem' in settings) throw new KaitError('KAIT_DEFINITIONS_INVALID', settings.problem);
  const mailTemplates = valuesNeededBy({ templates, faulty: new Map() });
  const types = await readEventTypes(config.definitions);
  if (types.faulty.size > 0) throw new KaitError('KAIT_DEFINITIONS_INVALID', [...types.faulty.values()].join('\n\n'));
  const beside = { mailTemplates, secrets: read.bindings, settings, eventTypes: types.eventTypes };
  const { catalogue, faulty } = await openActivities(config.definitions, from);
  if (faulty.length > 0) throw new KaitError('KAIT_DEFINITIONS_INVALID', formatFaulty(faulty));
  return loadDefinitions(folderOf(config), catalogue.callable, beside);
}

/**
 * Loads the workflow definitions that can be served, whatever is wrong with the others, and records them. If `secrets.json` has a mistake,
 * the use of secrets is not checked; the workers refuse what it does not allow.
 */
export async function openServedDefinitions(
  config: Folder,
  database: Database,
  activities: LoadedActivities,
): Promise<ServedProject> {
  const mails = await readMailTemplates(layersOf(config.definitions, 'mails')).catch(() => null);
  const mailTemplates = mails === null ? undefined : valuesNeededBy(mails);
  const read = await readSecretsFile(secretsFileOf(config));
  const settings = settingsOf(config);
  const types = await readEventTypes(config.definitions).catch(() => null);
  const beside = { mailTemplates, secrets: read.bindings ?? undefined, settings, eventTypes: types?.eventTypes };
  const options = { activities: activities.catalogue.callable, ...beside };
  const served = chooseFromFolder(await readFolder(folderOf(config)), await readLastGood(database), options);
  await recordDefinitions(database, served.definitions);
  await recordServed(database, served.current, served.files);
  // Early, since that locks the inbox for a moment. If it does not succeed, the first step that waits does it.
  await recordShapes(database, shapesOf(served.definitions)).catch(() => undefined);
  const definitions = await withFormerNames(database, served.definitions);
  return {
    ...{ ...served, definitions, activities },
    settings: 'problem' in settings ? null : settings,
    settingDefaults: defaultsOf(config),
    settingsProblem: 'problem' in settings ? settings.problem : null,
    faultyMails: mails?.faulty ?? new Map(),
    eventTypes: types?.eventTypes ?? noEventTypes,
    faultyEventTypes: types?.faulty ?? new Map(),
  };
}

/** All mistakes in the project's activities, as `kait validate` shows them. */
function formatFaulty(faulty: LoadedActivities['faulty']): string {
  return faulty.map((each) => formatFindings(each)).join('\n\n');
}

/**
 * What definitions see as `settings`, or the mistakes in `settings.json`. Throws KAIT_SETTINGS_INVALID if an environment variable is wrong
 * or missing: that is a mistake of this installation, not of the folder.
 */
export function settingsOf(config: Folder): ProjectSettings | { problem: string } {
  const files = layersOf(config.definitions, 'settings.json');
  const read = readSettings(files, settingVariables(), { isComplete: true });
  if ('problem' in read) return read;
  if (read.problems.length > 0) throw new KaitError('KAIT_SETTINGS_INVALID', read.problems.join('\n'));
  return read.settings;
}

function defaultsOf(config: Folder): JsonObject {
  const read = readSettings(layersOf(config.definitions, 'settings.json'), {}, { isComplete: false });
  return 'problem' in read ? {} : read.settings.values;
}

/** What counts for the worker, too. */
export function peopleFileOf({ definitions }: Folder): string {
  return join(definitions, 'people.json');
}

export function secretsFileOf({ definitions }: Folder): string {
  return join(definitions, 'secrets.json');
}

function folderOf({ definitions }: Folder): string {
  return join(definitions, 'workflows');
}

async function readFolder(folder: string): Promise<{ files: JsonFile[] } | { problem: string }> {
  try {
    return { files: await readDefinitionFiles(folder) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { problem: `The folder ${folder} cannot be read (${code}).` };
  }
}
