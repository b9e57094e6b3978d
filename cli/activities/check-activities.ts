import { dirname, join, resolve } from 'node:path';
import { builtInActivities } from '../../activities/built-in-activities.ts';
import type { Finding } from '../../language/finding.ts';
import { openActivities } from './open-activities.ts';

/** A file with an activity, checked by loading it. */
export interface CheckedActivity {
  file: string;
  text: string;
  findings: Finding[];
  /** The activity that comes with Kait and whose place it takes. */
  replaces: string | null;
}

/** Checks all activities of the project that the definitions belong to. */
export async function checkActivities(definitions: string): Promise<CheckedActivity[]> {
  const { files, external, faulty } = await openActivities(definitions, 'sources');
  const project = dirname(resolve(definitions));
  const checked = [
    ...[...files, ...[...external].map(([name, { file }]) => [name, file] as const)].map(([name, file]) => {
      return { file, text: '', findings: [], replaces: Object.hasOwn(builtInActivities, name) ? name : null };
    }),
    ...faulty.map((each) => ({ ...each, replaces: null })),
  ];
  return checked
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ file, text, findings, replaces }) => {
      const path = join(project, file);
      return { file: path, text, findings: findings.map((finding) => ({ ...finding, file: path })), replaces };
    });
}

/** Checks the given files of `activities` folders. */
export async function checkActivityFiles(files: readonly string[]): Promise<CheckedActivity[]> {
  const projects = [...new Set(files.map((file) => dirname(dirname(resolve(file)))))];
  const all = await Promise.all(projects.map((project) => checkActivities(join(project, 'definitions'))));
  const wanted = new Set(files.map((file) => resolve(file)));
  return all.flat().filter(({ file, findings }) => wanted.has(file) || findings.length > 0);
}
