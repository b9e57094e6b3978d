import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { catalogue } from '../activities/catalogue.ts';
import { mailTemplateNames, parseMailTemplate } from '../activities/mail/mail-templates.ts';
import { KaitError } from '../errors.ts';
import type { Finding } from '../language/finding.ts';
import type { Mistake } from '../language/json-file.ts';
import { readJsonText } from '../language/json-file.ts';
import { parsePreset, type Presets } from '../server/gateway/presets.ts';
import { createSourcesSchema } from '../server/gateway/source-schema.ts';
import { checkFile, checkFolder, loadDefinitions, type CheckedFile } from '../server/load-definitions.ts';
import { checkTestFile } from '../simulator/definition-tests/check-test-file.ts';
import { definitionFileOf, readText } from './definition-files.ts';
import { installation, openDefinition } from './open-definition.ts';
import { secretsBeside } from './secrets-beside.ts';

/** A test file, checked against its definition. It is not run. */
export interface CheckedTests {
  file: string;
  text: string;
  findings: Finding[];
  /** Why the file could not be checked; null if it was. */
  problem: string | null;
}

/** A preset, the sources or a mail template, checked. */
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
      mailTemplates: await templateNames(folder, definitions),
      secrets: await secretsBeside(folder, definitions),
    };
    const beside = await checkFolder(folder, catalogue, around);
    const given = files.filter((file) => dirname(file) === folder);
    for (const file of given) {
      const found = beside.find((each) => basename(each.file) === basename(file));
      checked.push({ ...(found ?? (await checkFile(file, catalogue, around))), file });
    }
    const isWhole = beside.every((each) => given.some((file) => basename(file) === basename(each.file)));
    if (isWhole && beside.every(({ loaded }) => loaded !== null)) conflicts.push(...(await conflictsIn(folder)));
  }
  return { checked, conflicts };
}

/** Finds two definitions of one name, and definitions that run each other without end. */
async function conflictsIn(folder: string): Promise<string[]> {
  try {
    await loadDefinitions(folder, catalogue);
    return [];
  } catch (error) {
    if (error instanceof KaitError && error.code === 'KAIT_DEFINITIONS_INVALID') return [error.message];
    throw error;
  }
}

/** The names of the templates in `mails` beside the folder; if there is no such folder, of those that this installation loads. */
function templateNames(folder: string, definitions: string): Promise<string[]> {
  const beside = join(dirname(folder), 'mails');
  return mailTemplateNames(existsSync(beside) ? beside : join(definitions, 'mails'));
}

/** Checks a test file: its form, and the steps, mocks and events that it names. The tests are not run. */
export async function checkTests(file: string): Promise<CheckedTests> {
  const text = await readText(file);
  const definitionFile = definitionFileOf(file);
  if (!existsSync(definitionFile)) {
    return { file, text, findings: [], problem: `There is no definition ${definitionFile} for it to test.` };
  }
  const { definition, children } = await openDefinition(definitionFile, 'validate');
  if (definition === null) {
    return { file, text, findings: [], problem: `Not checked, because ${definitionFile} has mistakes.` };
  }
  const { findings } = checkTestFile({ file, text, definition, children, activities: installation.activities });
  return { file, text, findings, problem: null };
}

export async function checkPreset(file: string): Promise<CheckedJsonFile> {
  return { file, mistakes: parsePreset(file, await readText(file)).mistakes };
}

/** Checks `sources.json` against the valid presets beside it. */
export async function checkSources(file: string): Promise<CheckedJsonFile> {
  const schema = createSourcesSchema(await soundPresets(join(dirname(file), 'gateways')));
  return { file, mistakes: readJsonText(schema, await readText(file), file).mistakes };
}

async function soundPresets(folder: string): Promise<Presets> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const files = names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
  const parsed = await Promise.all(files.map(async (file) => parsePreset(file, await readText(file)).preset));
  return new Map(parsed.flatMap((preset) => (preset === null ? [] : [[preset.name, preset] as const])));
}

export async function checkMail(file: string): Promise<CheckedJsonFile> {
  return { file, mistakes: parseMailTemplate(file, await readText(file)).mistakes };
}
