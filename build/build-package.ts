import { mkdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { pino } from 'pino';
import { packagePath } from '../package-path.ts';
import { bundleInterpreter } from '../worker/bundle-interpreter.ts';

/** The programs of the package. What they share, and what they import dynamically, becomes chunks beside them. */
const programs = ['cli/main.ts', 'embedded/download-with-sdk.ts'];

/**
 * Compiles the package into `dist/`: ES modules for Node with source maps, and the interpreter as Temporal's sandbox loads it. Packages
 * are not included. Few large files load several times as fast as many small ones.
 */
export async function buildPackage(): Promise<void> {
  const folder = packagePath('dist');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await Promise.all([compilePrograms(folder), compileWorkflows(packagePath('dist', 'workflows.js'))]);
}

async function compilePrograms(folder: string): Promise<void> {
  await build({
    absWorkingDir: packagePath(),
    entryPoints: programs,
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
