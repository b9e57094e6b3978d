import pc from 'picocolors';
import { catalogue } from '../../activities/catalogue.ts';
import { diffDefinitions } from '../../authoring/diff-definitions.ts';
import { formatDiff, type PaintChange } from '../../authoring/format-diff.ts';
import { KaitError } from '../../errors.ts';
import { formatFindings } from '../../language/format-findings.ts';
import { checkFile } from '../../server/load-definitions.ts';
import { isFolder } from '../definition-files.ts';

/**
 * `kait diff`: what is different between two definitions, step by step. Resolves to the exit code, that of diff(1): 0 where they
 * are the same definition, 1 where they differ, 2 where one cannot be read or has mistakes.
 */
export async function diff(files: { before: string; after: string }, write: (text: string) => void): Promise<number> {
  const [before, after] = [await readDefinition(files.before, write), await readDefinition(files.after, write)];
  if (before === null || after === null) return 2;
  const changes = diffDefinitions(before.definition, after.definition);
  write(formatDiff({ before, after, changes }, paint));
  return changes.length === 0 ? 0 : 1;
}

/** Null where it cannot be had; what is wrong is written. */
async function readDefinition(file: string, write: (text: string) => void) {
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
  return { file, text: checked.text, definition, name: definition.name, hash };
}

const paint: PaintChange = (kind, text) => ({ added: pc.green, removed: pc.red, other: pc.yellow })[kind](text);
