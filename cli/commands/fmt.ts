import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pc from 'picocolors';
import { formatDefinition } from '../../authoring/format-definition.ts';
import { formatFindings } from '../../language/finding.ts';
import { filesAt, kindOf, readText, wrongKind } from '../definition-files.ts';

/** What happened to a file. */
type Outcome = 'formatted' | 'changed' | 'faulty';

/**
 * `kait fmt`: formats files; with `check`, it only lists those that are not formatted. If the only path is `-`, it formats standard
 * input to the output. Resolves to the exit code: 1 if a file has mistakes or, with `check`, is not formatted.
 */
export async function fmt(
  options: { paths: string[]; check: boolean; definitions: string; readInput: () => Promise<string> },
  write: (text: string) => void,
): Promise<number> {
  const { paths, check, definitions } = options;
  if (paths.length === 1 && paths[0] === '-') return formatInput(await options.readInput(), check, write);
  const given = await filesAt(paths.length === 0 ? [join(definitions, 'workflows')] : paths);
  const files = given.filter((file) => ['definition', 'tests'].includes(kindOf(file)));
  const [other] = given.filter((file) => !files.includes(file));
  if (other !== undefined && files.length === 0) throw wrongKind(other, 'fmt', 'definitions and their tests');
  const outcomes: Outcome[] = [];
  for (const file of files) outcomes.push(await formatFile(file, check, write));
  const count = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
  const [changed, faulty] = [count('changed'), count('faulty')];
  const formatted = `${count('formatted')} of ${files.length} files ${check ? 'are' : 'were already'} formatted`;
  const leftAlone = given.length - files.length;
  write(
    [
      formatted,
      ...(faulty > 0 ? [`${faulty} have mistakes`] : []),
      ...(leftAlone > 0 ? [`${leftAlone} left alone: only definitions and their tests are formatted`] : []),
    ].join(', ') + '.',
  );
  return faulty > 0 || (check && changed > 0) ? 1 : 0;
}

function formatInput(text: string, check: boolean, write: (text: string) => void): number {
  const { text: formatted, findings } = formatDefinition({ file: 'stdin', text });
  if (findings !== undefined) {
    write(formatFindings({ file: 'stdin', text, findings }));
    return 1;
  }
  if (check) return formatted === text ? 0 : 1;
  write(formatted.trimEnd());
  return 0;
}

/** Writes a file only if it changes, so that file watchers see no other changes. */
async function formatFile(file: string, check: boolean, write: (text: string) => void): Promise<Outcome> {
  const text = await readText(file);
  const { text: formatted, findings } = formatDefinition({ file, text });
  if (findings !== undefined) {
    write(`${formatFindings({ file, text, findings })}\n`);
    return 'faulty';
  }
  if (formatted === text) return 'formatted';
  if (!check) await writeFile(file, formatted);
  write(check ? `${pc.yellow('≠')} ${file}` : `${pc.green('✎')} ${file}`);
  return 'changed';
}
