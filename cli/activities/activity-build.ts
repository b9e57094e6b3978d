import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { version } from '../version.ts';
import { type CompiledActivities, digestOf } from './compile-activities.ts';

/** What has been compiled, from what, and for which Kait. */
export interface ActivityBuild {
  kait: string;
  /** What the modules import as `kait`. */
  api: string;
  /** SHA-256 (hex) of each file of the project that went into it. */
  inputs: Record<string, string>;
  /** See `CompiledActivities.modules`. */
  modules: Record<string, string>;
}

const manifest = 'build.json';

/** Null if the folder holds none that this Kait can read. */
export async function readBuild(folder: string): Promise<ActivityBuild | null> {
  try {
    const build = JSON.parse(await readFile(join(folder, manifest), 'utf8')) as ActivityBuild;
    return typeof build.modules === 'object' && typeof build.inputs === 'object' ? build : null;
  } catch {
    return null;
  }
}

/** Whether a build is of these sources as they are now. */
export async function isCurrent(
  { inputs, modules }: ActivityBuild,
  project: string,
  sources: readonly string[],
): Promise<boolean> {
  if (Object.keys(modules).sort().join('\n') !== [...sources].sort().join('\n')) return false;
  const now = await digestsOf(project, Object.keys(inputs));
  return Object.entries(inputs).every(([file, digest]) => now[file] === digest);
}

/** Writes what was compiled into a folder. Files that exist stay as they are: their names say what they hold, unless `anew`. */
export async function writeBuild(
  folder: string,
  { files, inputs, modules }: CompiledActivities,
  { anew, api }: { anew: boolean; api: string },
): Promise<void> {
  if (anew) await rm(folder, { recursive: true, force: true });
  for (const [path, content] of files) await writeWhole(join(folder, path), content);
  const build: ActivityBuild = { kait: version, api, inputs, modules };
  await rm(join(folder, manifest), { force: true });
  await writeWhole(join(folder, manifest), `${JSON.stringify(build, null, 2)}\n`);
}

/** Another process never sees half a file. */
async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) return;
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}

async function digestsOf(project: string, files: readonly string[]): Promise<Record<string, string>> {
  const digests = files.map(async (file) => {
    const content = await readFile(join(project, file)).catch(() => null);
    return [file, content === null ? '' : digestOf(content)] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}
