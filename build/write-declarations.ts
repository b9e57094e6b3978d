import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packagePath } from '../package-path.ts';

const importPattern = /(\bfrom |\bimport\(|\bimport )(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

/**
 * Writes the type declarations of the public modules (`build/tsconfig.json` names them) to `dist/types/`: a file for each module that
 * their types mention. Public modules that share a type thus share its declaration. What is marked as internal is left out, because it
 * would bring the types of many other packages along. The types are not checked here, which would take
 * several times as long; `npm run typecheck` does. There are no declaration maps: the sources are in the repository, not in the package.
 */
export async function writeDeclarations(): Promise<void> {
  const folder = packagePath('dist', 'types');
  await promisify(execFile)(process.execPath, [
    packagePath('node_modules', 'typescript', 'bin', 'tsc'),
    '--project',
    packagePath('build'),
  ]);
  const declarations = await readDeclarations(folder);
  const kept = mentionedBy(
    [...declarations.keys()].filter((path) => dirname(path) === join(folder, 'api')),
    declarations,
  );
  await Promise.all(
    [...declarations].map(([path, text]) =>
      kept.has(path) ? writeFile(path, text.replace(importPattern, '$1$2$3.js$2')) : rm(path),
    ),
  );
}

async function readDeclarations(folder: string): Promise<Map<string, string>> {
  const files = await readdir(folder, { recursive: true });
  const paths = files.filter((file) => file.endsWith('.d.ts')).map((file) => join(folder, file));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8')] as const)));
}

/** These declarations, those that they import, and so on. The compiler writes one for every module of the program. */
function mentionedBy(paths: string[], declarations: Map<string, string>): Set<string> {
  const found = new Set(paths);
  for (const path of found) {
    for (const [, , , module] of (declarations.get(path) ?? '').matchAll(importPattern)) {
      found.add(join(dirname(path), `${module ?? ''}.d.ts`));
    }
  }
  return found;
}
