import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import pc from 'picocolors';
import { catalogue } from '../../activities/catalogue.ts';
import { formatFindings } from '../../language/format-findings.ts';
import { checkFile, checkFolder, type CheckedFile } from '../../server/load-definitions.ts';

/** `kait validate`: shows every finding. Resolves to whether the files may be served. */
export async function validate(paths: string[], definitions: string, write: (line: string) => void): Promise<boolean> {
  const given = paths.length === 0 ? [join(definitions, 'workflows')] : paths;
  const files = (await Promise.all(given.map(checkPath))).flat();
  for (const file of files) {
    if (file.findings.length > 0) write(`${formatFindings(file)}\n`);
    else write(`${pc.green('✔')} ${file.file}`);
  }
  const faulty = files.filter(({ loaded }) => loaded === null).length;
  write(
    faulty === 0 ? `${files.length} definitions are fine.` : `${faulty} of ${files.length} definitions have mistakes.`,
  );
  return faulty === 0;
}

async function checkPath(path: string): Promise<CheckedFile[]> {
  const { isDirectory } = await stat(path).then((found) => ({ isDirectory: found.isDirectory() }));
  return isDirectory ? checkFolder(path, catalogue) : [await checkFile(path, catalogue)];
}
