import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ActivityTypes } from '../language/check.ts';
import { parseMailTemplate, readMailTemplates, valuesNeededBy } from '../activities/mail/mail-templates.ts';
import { lookupSecret } from '../config.ts';
import { readPeople } from '../language/check/people-file.ts';
import { layersOf } from '../definition-layers.ts';
import { KaitError } from '../errors.ts';
import type { Finding } from '../language/finding.ts';
import type { Mistake } from '../language/json-file.ts';
import { readJsonText } from '../language/json-file.ts';
import type { Bases } from '../server/gateway/extend-preset.ts';
import { parsePreset, readBases, readPresets } from '../server/gateway/presets.ts';
import { readEventCatalogue } from '../language/check/event-catalogue-file.ts';
import { readEventType } from '../language/check/event-type-file.ts';
import type { MailNeeds } from '../server/check-mail-templates.ts';
import { createSourcesSchema } from '../server/gateway/source-schema.ts';
import { checkFile, checkFolder, loadDefinitions, type CheckedFile } from '../server/load-definitions.ts';
import { checkTestFile } from '../simulator/definition-tests/check-test-file.ts';
import { definitionFileOf, readText } from './definition-files.ts';
import { activitiesBeside } from './activities/activities-beside.ts';
import { eventTypesBeside } from './event-types-beside.ts';
import { openDefinition } from './open-definition.ts';
import { secretsBeside } from './secrets-beside.ts';
import { settingsBeside } from './settings-beside.ts';

/** A test file, checked against its definition. It is not run. */
export interface CheckedTests {
  file: string;
  text: string;
  findings: Finding[];
  /** Why the file could not be checked; null if it was. */
  problem: string | null;
}

/** A preset or the sources, checked. */
export interface CheckedJsonFile {
  file: string;
  /** Empty if the file is fine. */
  mistakes: Mistake[];
}

/**
 * Checks definitions, each against those of its folder, and the mail templates and `secrets.json` beside it. `conflicts` says why the definitions of a
 * folder cannot be served together; that is checked only if all of the folder's definitions are given and valid. `definitions` is
 * the folder whose mail templates count for files outside a definitions folder.
 */
export async function checkDefinitions(
  files: string[],
  definitions: string,
): Promise<{ checked: CheckedFile[]; conflicts: string[] }> {
  const folders = [...new Set(files.map((file) => dirname(file)))];
  const checked: CheckedFile[] = [];
  const conflicts: string[] = [];
  for (const folder of folders) {
    const around = {
      mailTemplates: await mailNeeds(folder, definitions),
      eventTypes: await eventTypesBeside(folder, definitions),
      secrets: await secretsBeside(folder, definitions),
      settings: settingsBeside(folder, 'environment', definitions).settings,
    };
    const { callable } = (await activitiesBeside(folder, definitions)).catalogue;
    const beside = await checkFolder(folder, callable, around);
    const given = files.filter((file) => dirname(file) === folder);
    for (const file of given) {
      const found = beside.find((each) => basename(each.file) === basename(file));
      checked.push({ ...(found ?? checkFile(file, callable, around)), file });
    }
    const isWhole = beside.every((each) => given.some((file) => basename(file) === basename(each.file)));
    if (isWhole && beside.every(({ loaded }) => loaded !== null))
      conflicts.push(...(await conflictsIn(folder, callable)));
  }
  return { checked, conflicts };
}

/** Finds two definitions of one name, and definitions that run each other without end. */
async function conflictsIn(folder: string, activities: ActivityTypes): Promise<string[]> {
  try {
    await loadDefinitions(folder, activities);
    return [];
  } catch (error) {
    if (error instanceof KaitError && error.code === 'KAIT_DEFINITIONS_INVALID') return [error.message];
    throw error;
  }
}

/** The templates in `mails` beside the folder and the package's; if there is no such folder, those that this installation loads. */
async function mailNeeds(folder: string, definitions: string): Promise<MailNeeds> {
  const isPart = existsSync(join(dirname(folder), 'mails'));
  return valuesNeededBy(await readMailTemplates(layersOf(isPart ? dirname(folder) : definitions, 'mails')));
}

/** Checks a test file: its form, and the steps, mocks and events that it names. The tests are not run. */
export async function checkTests(file: string): Promise<CheckedTests> {
  const text = await readText(file);
  const definitionFile = definitionFileOf(file);
  if (!existsSync(definitionFile)) {
    return { file, text, findings: [], problem: `There is no definition ${definitionFile} for it to test.` };
  }
  const opened = await openDefinition(definitionFile, 'validate', 'defaults');
  const { definition, children, settings, catalogue } = opened;
  if (definition === null) {
    return { file, text, findings: [], problem: `Not checked, because ${definitionFile} has mistakes.` };
  }
  const { findings } = checkTestFile({ file, text, definition, children, settings, activities: catalogue.all });
  return { file, text, findings, problem: null };
}

/** Each is checked with the presets of its folder, and of the package, that it may extend. */
export async function checkPresets(files: string[]): Promise<CheckedJsonFile[]> {
  const definitionsOf = (file: string) => dirname(dirname(resolve(file)));
  const bases = new Map<string, Bases>();
  for (const folder of new Set(files.map(definitionsOf))) {
    bases.set(folder, await readBases(layersOf(folder, 'gateways')));
  }
  return Promise.all(
    files.map(async (file) => {
      return { file, mistakes: parsePreset(file, await readText(file), bases.get(definitionsOf(file))).mistakes };
    }),
  );
}

/** Checks `sources.json` against the valid presets beside it and those of the package. */
export async function checkSources(file: string): Promise<CheckedJsonFile> {
  const { presets } = await readPresets(layersOf(dirname(file), 'gateways'));
  return {
    file,
    mistakes: readJsonText(
      createSourcesSchema(presets, { lookup: lookupSecret, isComplete: false }),
      await readText(file),
      file,
    ).mistakes,
  };
}

/** A mail or an event type, checked. */
export interface CheckedMail {
  file: string;
  text: string;
  findings: Finding[];
}

export async function checkMail(file: string): Promise<CheckedMail> {
  const text = await readText(file);
  return { file, text, findings: parseMailTemplate(file, text).findings };
}

export async function checkEventType(file: string): Promise<CheckedMail> {
  const text = await readText(file);
  return { file, text, findings: readEventType({ file, text }, basename(file, '.json')).findings };
}

export async function checkEventCatalogue(file: string): Promise<CheckedMail> {
  const text = await readText(file);
  return { file, text, findings: readEventCatalogue({ file, text }).findings };
}

export async function checkPeople(file: string): Promise<CheckedMail> {
  const text = await readText(file);
  return { file, text, findings: readPeople({ file, text }).findings };
}
