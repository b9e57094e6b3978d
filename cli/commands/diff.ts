import pc from 'picocolors';
import { diffDefinitions } from '../../authoring/diff-definitions.ts';
import { formatDiff, type PaintChange } from '../../authoring/format-diff.ts';
import { readDefinition } from '../open-definition.ts';

/**
 * `kait diff`: shows the differences between two definitions, step by step. Resolves to the exit code, as of diff(1): 0 if they are
 * the same definition, 1 if they differ, 2 if one cannot be read or has mistakes.
 */
export async function diff(files: { before: string; after: string }, write: (text: string) => void): Promise<number> {
  const [before, after] = [
    await readDefinition(files.before, 'diff', write),
    await readDefinition(files.after, 'diff', write),
  ];
  if (before === null || after === null) return 2;
  const changes = diffDefinitions(before.definition, after.definition, after.catalogue.localNames);
  write(formatDiff({ before, after, changes }, paint));
  return changes.length === 0 ? 0 : 1;
}

const paint: PaintChange = (kind, text) => ({ added: pc.green, removed: pc.red, other: pc.yellow })[kind](text);
