import { mkdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { pino } from 'pino';
import { packagePath } from '../package-path.ts';
import { preparedDatabase } from '../storage/prepared-database.ts';
import { bundleInterpreter } from '../worker/bundle-interpreter.ts';
import { buildConsole } from './build-console.ts';
import { builtMark } from './built-mark.ts';
import { prepareDatabase } from './prepare-database.ts';
import { writeDeclarations } from './write-declarations.ts';

/**
 * The programs of the package, and what a project's own code imports. What they share, and what they import dynamically, becomes chunks
 * beside them, so that there is one class of each error.
 */
const entryPoints = [
  'cli/main.ts',
  'embedded/download-with-sdk.ts',
  'storage/pglite/pglite-thread.ts',
  'api/index.ts',
  'api/testing.ts',
];

/**
 * Compiles the package into `dist/`: ES modules for Node with source maps, the interpreter as Temporal's sandbox loads it, the types
 * of the public modules, an empty database, and the console. Packages are not included in the modules. Few large files load several times as fast as many small ones.
 */
export async function buildPackage(): Promise<void> {
  const folder = packagePath('dist');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await Promise.all([
    compileModules(folder),
    compileWorkflows(packagePath('dist', 'workflows.js')),
    writeDeclarations(),
    prepareDatabase(preparedDatabase()),
    buildConsole(),
  ]);
  await writeFile(builtMark(), '');
}

async function compileModules(folder: string): Promise<void> {
  await build({
    absWorkingDir: packagePath(),
    entryPoints,
    outbase: '.',
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    // The sources are in the package's repository, not in the package.
    sourcesContent: false,
    logLevel: 'warning',
  });
}

async function compileWorkflows(file: string): Promise<void> {
  const { code } = await bundleInterpreter(pino({ level: 'warn' }));
  await writeFile(file, code);
}
