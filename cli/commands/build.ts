import { join } from 'node:path';
import pc from 'picocolors';
import { formatFindings } from '../../language/finding.ts';
import { writeBuild } from '../activities/activity-build.ts';
import { activitySources, projectOf } from '../activities/activity-sources.ts';
import { compileActivities } from '../activities/compile-activities.ts';
import { importActivities } from '../activities/import-activities.ts';
import { buildFolder } from '../activities/open-activities.ts';

/**
 * `kait build`: compiles the activities of the project that the definitions belong to for production, and loads them to see that they can be.
 * Resolves to the exit code: 1 if one cannot be used; what was built before stays then.
 */
export async function build({ definitions }: { definitions: string }, write: (text: string) => void): Promise<number> {
  const project = projectOf(definitions);
  const sources = project === null ? [] : await activitySources(project);
  if (project === null || sources.length === 0) {
    write('There are no activities to compile. They belong in activities/, beside the definitions.');
    return 0;
  }
  const compiled = await compileActivities(project, sources, { asInstalled: true });
  const folder = buildFolder(project);
  const trial = join(project, '.kait', 'build');
  if (compiled.faulty.length === 0) await writeBuild(trial, compiled, { anew: true, api: 'kait' });
  const loaded = compiled.faulty.length === 0 ? await importActivities(project, trial, compiled.modules) : undefined;
  const faulty = [...compiled.faulty, ...(loaded?.faulty ?? [])];
  if (faulty.length > 0) {
    write(faulty.map((each) => formatFindings(each)).join('\n\n'));
    write(
      pc.red(`Nothing was built: ${faulty.length === 1 ? 'a file has' : `${faulty.length} files have`} a mistake.`),
    );
    return 1;
  }
  await writeBuild(folder, compiled, { anew: true, api: 'kait' });
  const names = [...(loaded?.activities.keys() ?? [])];
  write(`${pc.green('✔')} Built ${names.join(', ')} into ${folder}`);
  return 0;
}
