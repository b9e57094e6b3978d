import { basename, join } from 'node:path';
import { isBehindVerb } from '../../activities/engine-activities.ts';
import { jsonNameOf, readJsonFiles, type JsonFile } from '../../json-files.ts';
import { type ExternalActivity, readExternalActivity } from '../../language/check/external-activity.ts';
import { type FaultyActivity, faultyActivity } from './activity-finding.ts';

/** The activities of other languages, by name, with the paths of their files in the project. */
export type ExternalActivities = ReadonlyMap<string, { activity: ExternalActivity; file: string }>;

/** Reads `activities/*.json`. `own` are the names of the project's activities in TypeScript, which count first. */
export async function readExternalActivities(
  project: string,
  own: ReadonlyMap<string, unknown>,
): Promise<{ external: ExternalActivities; faulty: FaultyActivity[] }> {
  const external = new Map<string, { activity: ExternalActivity; file: string }>();
  const faulty: FaultyActivity[] = [];
  for (const { file: path, text, problem } of await filesIn(join(project, 'activities'))) {
    const file = `activities/${basename(path)}`;
    if (problem !== null) {
      faulty.push(await faultyActivity(project, { file, message: problem }));
      continue;
    }
    const fileName = jsonNameOf(basename(path)) ?? '';
    const { activity, findings } = readExternalActivity({ file, text }, { fileName, isTaken });
    if (activity === null) faulty.push({ file, source: file, text, findings });
    else if (!own.has(activity.name)) external.set(activity.name, { activity, file });
    else {
      const message = `Another file of activities/ defines an activity "${activity.name}", too. Rename one of them`;
      faulty.push(await faultyActivity(project, { file, message }));
    }
  }
  return { external, faulty };
}

/** Kait's workers run these by themselves, or the interpreter needs them as they are. */
function isTaken(name: string): boolean {
  if (/^(?:gateway\.|outbound\.|runs\.|waits\.|kait\.)/.test(name) || name === 'default') return true;
  return name in Object.prototype || isBehindVerb(name);
}

async function filesIn(folder: string): Promise<JsonFile[]> {
  try {
    const files = await readJsonFiles(folder);
    return files.filter(({ file }) => !file.endsWith('.test.json'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}
