import { access, constants, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KaitError } from '../errors.ts';
import { isJsonName } from '../json-files.ts';

/** What a file in a definitions folder holds. */
export type FileKind =
  | 'definition'
  | 'tests'
  | 'activity'
  | 'preset'
  | 'sources'
  | 'secrets'
  | 'settings'
  | 'people'
  | 'mail'
  | 'event type'
  | 'event catalogue'
  | 'sample';

const kindNames: Record<FileKind, string> = {
  definition: 'a workflow definition',
  tests: 'a test file',
  activity: 'an activity',
  preset: 'a gateway preset',
  sources: 'the sources file',
  secrets: 'the secrets file',
  settings: 'the settings file',
  people: 'the people file',
  mail: 'a mail template',
  'event type': 'an event type',
  'event catalogue': 'the file about all event types',
  sample: 'a sample webhook',
};

/** The folders of a definitions folder that hold JSON files. */
const partFolders = ['workflows', 'examples', 'gateways', 'mails', 'event-types'];

/**
 * The JSON files that a command's paths name, each once. A file stands for itself, a folder for the `*.json` in it, and a whole
 * definitions folder also for those of its parts. Throws KAIT_USAGE if a path does not exist or cannot be read.
 */
export async function filesAt(paths: string[]): Promise<string[]> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  return [...new Set(files)];
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await isFolder(path))) return [path];
  const entries = await readdir(path);
  const parts = entries.includes('workflows') ? partFolders.filter((part) => entries.includes(part)) : [];
  const own = entries.filter(isJsonName).sort();
  return [...own.map((name) => join(path, name)), ...(await filesAt(parts.map((part) => join(path, part))))];
}

/** Throws KAIT_USAGE if the path does not exist or cannot be read. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The text of a file that the user named. Throws KAIT_USAGE if it cannot be read. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Only errors of the file system have a code; anything else is a bug and is rethrown as it is. */
function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  const missing = error.code === 'ENOENT' || error.code === 'ENOTDIR';
  const message =
    error.code === 'EISDIR'
      ? `Expected a file, but ${path} is a folder.`
      : missing
        ? `There is no file or folder ${path}.`
        : `${path} cannot be read (${String(error.code)}).`;
  return new KaitError('KAIT_USAGE', message, { cause: error });
}

/** Tells a file's kind by its name and its folder; nothing is read. */
export function kindOf(file: string): FileKind {
  const folder = dirname(resolve(file));
  if (/\.(?:ts|mts|js|mjs)$/.test(file)) return 'activity';
  if (basename(folder) === 'activities' && !file.endsWith(testEnding)) return 'activity';
  if (basename(file) === 'sources.json') return 'sources';
  if (basename(file) === 'secrets.json') return 'secrets';
  if (basename(file) === 'settings.json') return 'settings';
  if (basename(file) === 'people.json') return 'people';
  if (basename(file) === 'event-types.json') return 'event catalogue';
  if (basename(folder) === 'gateways') return 'preset';
  if (basename(folder) === 'mails') return 'mail';
  if (basename(folder) === 'event-types') return 'event type';
  if (basename(dirname(folder)) === 'samples') return 'sample';
  return file.endsWith(testEnding) ? 'tests' : 'definition';
}

/** Throws KAIT_USAGE unless the file is a definition; `command` is the one that was given it. */
export async function requireDefinition(file: string, command: string): Promise<void> {
  if (await isFolder(file)) throw new KaitError('KAIT_USAGE', `Expected a file, but ${file} is a folder.`);
  if (kindOf(file) !== 'definition') throw wrongKind(file, command, 'a definition');
}

/** Says that a command takes something else, and which file was probably meant. */
export function wrongKind(file: string, command: string, expected: string): KaitError {
  const kind = kindOf(file);
  const hint = kind === 'tests' ? ` Did you mean ${definitionFileOf(file)}?` : '';
  return new KaitError('KAIT_USAGE', `"kait ${command}" takes ${expected}; ${file} is ${kindNames[kind]}.${hint}`);
}

const testEnding = '.test.json';

/** `shop.test.json` for `shop.json`. */
export function testFileOf(definitionFile: string): string {
  return definitionFile.replace(/\.json$/, testEnding);
}

/** `shop.json` for `shop.test.json`. */
export function definitionFileOf(testFile: string): string {
  return `${testFile.slice(0, -testEnding.length)}.json`;
}
