import { createHash } from 'node:crypto';
import { KaitError } from '../errors.ts';
import { readJsonFile, readJsonFiles, type JsonFile } from '../json-files.ts';
import { canonicalJson, type Json, type JsonObject } from '../language/json.ts';
import { checkDefinition, type ActivityTypes, type CheckOptions } from '../language/check.ts';
import type { Definition } from '../language/definition.ts';
import { type Finding, formatFindings } from '../language/finding.ts';
import { childrenOf, type PinnedDefinition, runCycles } from '../language/run-children.ts';
import type { EventTypes } from '../language/event-types.ts';
import type { ProjectSettings } from '../language/project-settings.ts';
import type { SecretBindings } from '../language/secret-bindings.ts';
import { checkMailTemplates, type MailNeeds } from './check-mail-templates.ts';

export interface LoadedDefinition {
  definition: Definition;
  /** SHA-256 (hex) of the canonical JSON. Runs are pinned to it. */
  hash: string;
  file: string;
  /** The definitions that its `run` steps start, directly or through others; see `RunInput.children`. */
  children: Record<string, PinnedDefinition>;
  /** The values of the settings that it, or a definition that it runs, may read. Default: it reads none. */
  settings?: JsonObject;
  /** Names under which it was served before: see `former-names.ts`. Default: none. */
  formerNames?: string[];
}

/** What is beside the folder of definitions. What is undefined is not checked. */
export interface Beside {
  mailTemplates?: MailNeeds | undefined;
  /** The types of outbound webhooks that are described. */
  eventTypes?: EventTypes | undefined;
  /** What `secrets.json` says. */
  secrets?: SecretBindings | undefined;
  /** What `settings.json` says, or why it cannot be read. */
  settings?: ProjectSettings | { problem: string } | undefined;
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
 * against the definitions that they start.
 */
export async function checkFolder(
  folder: string,
  activities: ActivityTypes,
  { mailTemplates, ...beside }: Beside = {},
): Promise<CheckedFile[]> {
  const files = await readDefinitionFiles(folder);
  const sound = files.flatMap((each) => checkText(each, { activities }).loaded?.definition ?? []);
  const definitions = Object.fromEntries(sound.map((definition) => [definition.name, definition]));
  return files.map((each) => checkText(each, { activities, definitions, ...beside }, mailTemplates));
}

/** The files of a folder that should hold a definition. Rejects only if the folder cannot be read. */
export async function readDefinitionFiles(folder: string): Promise<JsonFile[]> {
  return (await readJsonFiles(folder)).filter(({ file }) => !file.endsWith('.test.json'));
}

/** Reads and checks one file on its own. */
export function checkFile(
  file: string,
  activities: ActivityTypes,
  { mailTemplates, ...beside }: Beside = {},
): CheckedFile {
  return checkText(readJsonFile(file), { activities, ...beside }, mailTemplates);
}

/** Checks a file's text, against the definitions in `options` if there are any. A file that could not be read has one finding. */
export function checkText(
  { problem, ...source }: JsonFile,
  options: CheckOptions,
  mailTemplates?: MailNeeds,
): CheckedFile {
  if (problem !== null) return { ...source, findings: [unreadable(source.file, problem)], loaded: null };
  const { definition, findings } = checkDefinition({ ...source, ...options });
  if (definition === null) return { ...source, findings, loaded: null };
  const inMails = mailTemplates === undefined ? [] : checkMailTemplates(source, mailTemplates);
  const loaded = inMails.length > 0 ? null : { definition, hash: hashOf(definition), file: source.file };
  return { ...source, findings: [...findings, ...inMails], loaded };
}

function unreadable(file: string, message: string): Finding {
  return { code: 'KAIT1005', severity: 'error', message, file, line: 1, column: 1, length: 1, pointer: '' };
}

/**
 * Loads all definitions of a folder, or none: for `--strict` and for checks. Servers load what they can (`serve-definitions.ts`).
 *
 * @throws KaitError KAIT_DEFINITIONS_INVALID, which lists every finding of every file.
 */
export async function loadDefinitions(
  folder: string,
  activities: ActivityTypes,
  beside?: Beside,
): Promise<LoadedDefinition[]> {
  const files = await checkFolder(folder, activities, beside);
  const faulty = files.filter(({ loaded }) => loaded === null);
  if (faulty.length > 0) {
    throw new KaitError('KAIT_DEFINITIONS_INVALID', faulty.map((each) => formatFindings(each)).join('\n\n'));
  }
  const loaded = files.flatMap((each) => each.loaded ?? []);
  const [conflict] = conflictsOf(loaded);
  if (conflict !== undefined) throw new KaitError('KAIT_DEFINITIONS_INVALID', conflict.message);
  return withChildren(loaded, beside?.settings);
}

/** Why sound definitions cannot be served together, and the files that are to blame. */
export interface Conflict {
  files: string[];
  message: string;
}

/** Finds definitions of one name, and definitions that run each other in a circle. */
export function conflictsOf(loaded: readonly Pick<LoadedDefinition, 'definition' | 'file'>[]): Conflict[] {
  const filesOf = (name: string) => loaded.flatMap((each) => (each.definition.name === name ? [each.file] : []));
  const names = new Set(loaded.map(({ definition }) => definition.name));
  const twins = [...names].flatMap((name): Conflict[] => {
    const files = filesOf(name);
    const message = `${files.join(' and ')} ${files.length === 2 ? 'both' : 'all'} define "${name}", so their runs would have the same ids. Rename all but one of them.`;
    return files.length > 1 ? [{ files, message }] : [];
  });
  const circles = runCycles(loaded.map(({ definition }) => definition)).map((circle): Conflict => {
    const message = `These definitions run each other in a circle: ${[...circle, circle[0]].join(' → ')}.`;
    return { files: circle.flatMap(filesOf), message };
  });
  return [...twins, ...circles];
}

/** Adds to each definition those that it runs, and the settings that they may read. */
export function withChildren(
  loaded: readonly Omit<LoadedDefinition, 'children'>[],
  settings?: Beside['settings'],
): LoadedDefinition[] {
  const byName = new Map(
    loaded.map(({ definition, hash }) => [definition.name, { definition, definitionHash: hash }] as const),
  );
  const values = settings === undefined || 'problem' in settings ? {} : settings.values;
  return loaded.map((each) => {
    const children = childrenOf(each.definition, byName);
    return { ...each, children, ...(mentionsSettings(each.definition, children) ? { settings: values } : {}) };
  });
}

/** It may say yes to a definition that only has the word. */
function mentionsSettings(definition: Definition, children: LoadedDefinition['children']): boolean {
  return JSON.stringify([definition, children]).includes('settings');
}

/** SHA-256 (hex) of the canonical JSON. */
export function hashOf(definition: Definition): string {
  return createHash('sha256')
    .update(canonicalJson(definition as unknown as Json))
    .digest('hex');
}
