import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { packagePath } from '../../package-path.ts';

/** The folder of the project whose definitions these are; null for those that come with Kait. */
export function projectOf(definitions: string): string | null {
  return resolve(definitions) === packagePath('definitions') ? null : dirname(resolve(definitions));
}

/** A file with an activity. Tests and declarations have none, and what activities share is in folders below. */
const activityFile = /^(?!.*\.(?:test|d)\.[a-z]+$)[^._].*\.(?:ts|mts|js|mjs)$/;

/** The paths of the project's activities in TypeScript or JavaScript, relative to it, in alphabetical order: `activities/points.ts`. */
export async function activitySources(project: string): Promise<string[]> {
  const entries = await readdir(join(project, 'activities'), { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  });
  const names = entries
    .filter((entry) => !entry.isDirectory() && activityFile.test(entry.name))
    .map(({ name }) => name);
  return names.sort().map((name) => `activities/${name}`);
}
