import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../errors.ts';
import { canonicalJson, type Json } from '../language/json.ts';
import { checkDefinition, type ActivityTypes, type CheckOptions } from '../language/check.ts';
import type { Definition } from '../language/definition.ts';
import { type Finding, formatFindings } from '../language/finding.ts';
import { childrenOf, type PinnedDefinition, runCycles } from '../language/run-children.ts';
import type { Database } from '../storage/database.ts';
import { definitions as definitionsTable } from '../storage/schema.ts';
import { checkMailTemplates } from './check-mail-templates.ts';

export interface LoadedDefinition {
  definition: Definition;
  /** SHA-256 (hex) of the canonical JSON. Runs are pinned to it. */
  hash: string;
  file: string;
  /** The definitions that its `run` steps start, directly or through others; see `RunInput.children`. */
  children: Record<string, PinnedDefinition>;
}

export interface CheckedFile {
  file: string;
  text: string;
  findings: Finding[];
  /** Null if a finding is an error. */
  loaded: Omit<LoadedDefinition, 'children'> | null;
}

/**
 * Reads and checks a folder's workflow definitions (`*.json`, but not `*.test.json`) in alphabetical order. Also checks `run` steps
 * against the definitions that they start. Without `mailTemplates`, the templates that mails name are not checked.
 */
export async function checkFolder(
  folder: string,
  activities: ActivityTypes,
  mailTemplates?: readonly string[],
): Promise<CheckedFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && !name.endsWith('.test.json')).sort();
  const texts = await Promise.all(
    names.map(async (name) => ({ file: join(folder, name), text: await readFile(join(folder, name), 'utf8') })),
  );
  const sound = texts.flatMap((each) => checkDefinition({ ...each, activities }).definition ?? []);
  const definitions = Object.fromEntries(sound.map((definition) => [definition.name, definition]));
  return texts.map((each) => checkText(each, { activities, definitions }, mailTemplates));
}

/** Reads and checks one file on its own. Rejects only if the file cannot be read. */
export async function checkFile(
  file: string,
  activities: ActivityTypes,
  mailTemplates?: readonly string[],
): Promise<CheckedFile> {
  return checkText({ file, text: await readFile(file, 'utf8') }, { activities }, mailTemplates);
}

function checkText(
  source: { file: string; text: string },
  options: CheckOptions,
  mailTemplates?: readonly string[],
): CheckedFile {
  const { definition, findings } = checkDefinition({ ...source, ...options });
  if (definition === null) return { ...source, findings, loaded: null };
  const inMails = mailTemplates === undefined ? [] : checkMailTemplates(source, mailTemplates);
  const loaded = inMails.length > 0 ? null : { definition, hash: hashOf(definition), file: source.file };
  return { ...source, findings: [...findings, ...inMails], loaded };
}

/**
 * Loads the definitions that this process serves. One invalid file fails them all: otherwise its events would be ignored.
 *
 * @throws KaitError KAIT_DEFINITIONS_INVALID, which lists every finding of every file.
 */
export async function loadDefinitions(
  folder: string,
  activities: ActivityTypes,
  mailTemplates?: readonly string[],
): Promise<LoadedDefinition[]> {
  const files = await checkFolder(folder, activities, mailTemplates);
  const faulty = files.filter(({ loaded }) => loaded === null);
  if (faulty.length > 0) {
    throw new KaitError('KAIT_DEFINITIONS_INVALID', faulty.map((each) => formatFindings(each)).join('\n\n'));
  }
  const loaded = files.flatMap((each) => each.loaded ?? []);
  for (const each of loaded) {
    const twin = loaded.find((other) => other !== each && other.definition.name === each.definition.name);
    if (twin !== undefined) {
      const message = `${each.file} and ${twin.file} both define "${each.definition.name}", so their runs would have the same ids. Rename one of them.`;
      throw new KaitError('KAIT_DEFINITIONS_INVALID', message);
    }
  }
  const [cycle] = runCycles(loaded.map(({ definition }) => definition));
  if (cycle !== undefined) {
    const message = `These definitions run each other in a circle: ${[...cycle, cycle[0]].join(' → ')}.`;
    throw new KaitError('KAIT_DEFINITIONS_INVALID', message);
  }
  const byName = new Map(
    loaded.map(({ definition, hash }) => [definition.name, { definition, definitionHash: hash }] as const),
  );
  return loaded.map((each) => ({ ...each, children: childrenOf(each.definition, byName) }));
}

/** Stores each version under its hash, so that an old run can be explained after its file has changed. */
export async function recordDefinitions(
  database: Database,
  loaded: Pick<LoadedDefinition, 'definition' | 'hash'>[],
): Promise<void> {
  if (loaded.length === 0) return;
  const rows = loaded.map(({ definition, hash }) => ({ hash, name: definition.name, json: definition }));
  await database.orm.insert(definitionsTable).values(rows).onConflictDoNothing();
}

function hashOf(definition: Definition): string {
  return createHash('sha256')
    .update(canonicalJson(definition as unknown as Json))
    .digest('hex');
}
