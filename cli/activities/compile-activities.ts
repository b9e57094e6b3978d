import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, BuildOptions, Message, Metafile, OutputFile, Plugin, Loader } from 'esbuild';
import { packagePath } from '../../package-path.ts';
import { type FaultyActivity, faultyActivity } from './activity-finding.ts';

export interface CompiledActivities {
  /** What each source became, by its path in the project: `activities/points.ts` → `points-ABCD1234.mjs`. */
  modules: Record<string, string>;
  /** SHA-256 (hex) of each file of the project that went into them, by its path in it. */
  inputs: Record<string, string>;
  /** By their paths in the folder of the output. */
  files: Map<string, Uint8Array>;
  faulty: FaultyActivity[];
}

/**
 * Compiles a project's activities, with what they import of the project, to modules for Node. Packages stay imports. If a file has a
 * mistake, the others are compiled without it. `asInstalled`: the modules import `kait` as the project has it; otherwise the
 * Kait that is running, and names change with their content, so that Node loads them anew.
 */
export async function compileActivities(
  project: string,
  sources: readonly string[],
  { asInstalled }: { asInstalled: boolean },
): Promise<CompiledActivities> {
  const digests = new Map<string, string>();
  const options = optionsFor(project, asInstalled, digests);
  const whole = await attempt({ ...options, entryPoints: [...sources] });
  if ('result' in whole) return compiled(project, sources, whole.result, digests);
  const faulty: FaultyActivity[] = [];
  const sound: string[] = [];
  for (const source of sources) {
    const alone = await attempt({ ...options, entryPoints: [source] });
    if ('result' in alone) sound.push(source);
    else faulty.push(await faultOf(project, source, alone.errors));
  }
  const rest = sound.length === 0 ? undefined : await attempt({ ...options, entryPoints: sound });
  if (rest === undefined || 'errors' in rest) return { modules: {}, inputs: {}, files: new Map(), faulty };
  return { ...compiled(project, sound, rest.result, digests), faulty };
}

/** Starts esbuild, which takes a third of a second, so that the first change of an activity need not wait for it. */
export async function startCompiler(): Promise<void> {
  const { transform } = await import('esbuild');
  await transform('');
}

/** As deep as every folder into which it is written, since source maps say where the sources are from there. */
const outdir = '.kait/activities';

function optionsFor(project: string, asInstalled: boolean, digests: Map<string, string>): BuildOptions {
  return {
    absWorkingDir: project,
    outdir,
    outbase: 'activities',
    entryNames: asInstalled ? '[dir]/[name]' : '[dir]/[name]-[hash]',
    chunkNames: 'shared/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [remember(project, digests), ...(asInstalled ? [] : [runningKait])],
  };
}

const loaders: Record<string, Loader> = { ts: 'ts', mts: 'ts', js: 'js', mjs: 'js', cjs: 'js', json: 'json' };

/** Reads the files, so that the digests are of exactly what is compiled. */
function remember(project: string, digests: Map<string, string>): Plugin {
  return {
    name: 'remember',
    setup(build) {
      build.onLoad({ filter: /\.(?:[cm]?js|m?ts|json)$/ }, async ({ path }) => {
        const contents = await readFile(path);
        digests.set(relative(project, path), digestOf(contents));
        return { contents, loader: loaders[extname(path).slice(1)] ?? 'ts' };
      });
    },
  };
}

export function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The URL of what the running Kait offers to activities: compiled, or its source. */
export function runningApi(): string {
  const isCompiled = import.meta.dirname.startsWith(packagePath('dist'));
  return pathToFileURL(packagePath(isCompiled ? 'dist/api/index.js' : 'api/index.ts')).href;
}

/** A project without an installed Kait has one nevertheless, and nothing exists twice. */
const runningKait: Plugin = {
  name: 'running-kait',
  setup(build) {
    build.onResolve({ filter: /^kait$/ }, () => ({ path: runningApi(), external: true }));
  },
};

interface Result {
  metafile: Metafile;
  outputFiles: OutputFile[];
}

/** Loaded when there is something to compile: nothing else needs it. */
async function attempt(options: BuildOptions): Promise<{ result: Result } | { errors: Message[] }> {
  const { build } = await import('esbuild');
  try {
    const { metafile, outputFiles } = await build(options);
    return { result: { metafile: metafile ?? { inputs: {}, outputs: {} }, outputFiles: outputFiles ?? [] } };
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined || errors.length === 0) throw error;
    return { errors };
  }
}

function compiled(
  project: string,
  sources: readonly string[],
  { metafile, outputFiles }: Result,
  digests: ReadonlyMap<string, string>,
): CompiledActivities {
  const outputs = Object.entries(metafile.outputs);
  const modules = sources.map((source) => {
    const [path = ''] = outputs.find(([, { entryPoint }]) => entryPoint === source) ?? [];
    return [source, relative(outdir, path)] as const;
  });
  const files = outputFiles.map(({ path, contents }) => [relative(join(project, outdir), path), contents] as const);
  return {
    modules: Object.fromEntries(modules),
    inputs: Object.fromEntries(digests),
    files: new Map(files),
    faulty: [],
  };
}

/** The mistake may be in a file that the source imports. */
function faultOf(project: string, source: string, errors: readonly Message[]): Promise<FaultyActivity> {
  const [first] = errors;
  const { location = null, text = 'it cannot be compiled' } = first ?? {};
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const imported = location !== null && location.file !== source ? { hint: `${source} needs this file.` } : {};
  return faultyActivity(project, {
    ...{ file: location?.file ?? source, source, message: `${text}${more}`, ...imported },
    ...(location !== null && { line: location.line, column: location.column + 1, length: location.length }),
  });
}
