import pc from 'picocolors';
import { catalogue } from '../activities/catalogue.ts';
import { KaitError } from '../errors.ts';
import type { Definition } from '../language/definition.ts';
import { formatFindings } from '../language/finding.ts';
import { checkFile } from '../server/load-definitions.ts';
import { isFolder } from './definition-files.ts';

/** A definition without mistakes, and the text that it was read from. */
export interface ReadDefinition {
  file: string;
  text: string;
  definition: Definition;
  /** SHA-256 (hex) of the canonical JSON. */
  hash: string;
}

/** Null where it cannot be read or has mistakes, which are written then. */
export async function readDefinition(file: string, write: (text: string) => void): Promise<ReadDefinition | null> {
  try {
    if (await isFolder(file)) throw new KaitError('KAIT_USAGE', `Expected a file, and ${file} is a folder.`);
  } catch (error) {
    if (!(error instanceof KaitError)) throw error;
    write(`${pc.red(error.code)}: ${error.message}`);
    return null;
  }
  const checked = await checkFile(file, catalogue);
  if (checked.loaded === null) {
    write(`${formatFindings(checked)}\n`);
    return null;
  }
  const { definition, hash } = checked.loaded;
  return { file, text: checked.text, definition, hash };
}
