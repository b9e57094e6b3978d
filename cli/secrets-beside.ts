import { basename, dirname, join } from 'node:path';
import { readSecretsFile } from '../activities/secrets-file.ts';
import { readJsonFiles } from '../json-files.ts';
import { parseSource } from '../language/check/parse-source.ts';
import { readSecretBindings, type UsedSecrets } from '../language/check/secrets-file.ts';
import type { Finding } from '../language/finding.ts';
import { isObject } from '../language/json.ts';
import type { SecretBindings } from '../language/secret-bindings.ts';
import { readText } from './definition-files.ts';

/** The folders of a definitions folder that hold definitions. */
const definitionFolders = ['workflows', 'examples'];

/**
 * What the `secrets.json` of a definitions folder says about secrets, for the definitions in `folder`. `definitions` is the folder that
 * counts for definitions outside of one. Undefined if there is none, or if the file has a mistake, which `kait validate` shows.
 */
export async function secretsBeside(folder: string, definitions?: string): Promise<SecretBindings | undefined> {
  const isPart = definitionFolders.includes(basename(folder));
  const home = isPart ? dirname(folder) : definitions;
  if (home === undefined) return undefined;
  return (await readSecretsFile(join(home, 'secrets.json'))).bindings ?? undefined;
}

/** `secrets.json`, checked. */
export interface CheckedSecrets {
  file: string;
  text: string;
  findings: Finding[];
}

/** Checks a `secrets.json`, also against the definitions of its folder. */
export async function checkSecrets(file: string): Promise<CheckedSecrets> {
  const text = await readText(file);
  const { findings } = readSecretBindings({ file, text }, await usedIn(dirname(file)));
  return { file, text, findings };
}

async function usedIn(folder: string): Promise<UsedSecrets> {
  const read = await Promise.all(definitionFolders.map((part) => readJsonFiles(join(folder, part)).catch(() => [])));
  const files = read.flat().filter(({ file }) => !file.endsWith('.test.json'));
  return {
    secrets: files.flatMap(({ text }) => text.match(/KAIT_SECRET_[A-Z0-9_]+/g) ?? []),
    definitions: files.flatMap(({ file, text }) => {
      const { value } = parseSource(file, text);
      return isObject(value) && typeof value.name === 'string' ? [value.name] : [];
    }),
  };
}
