import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatFindings } from '../../language/finding.ts';
import { writeBuild } from './activity-build.ts';
import { projectOf } from './activity-sources.ts';
import { compileActivities } from './compile-activities.ts';

const testFile = /^[^.].*\.test\.(?:ts|mts|js|mjs)$/;

/**
 * Runs the tests of the project's activities, compiled, with Node's test runner. Resolves to its exit code; null if there are none. They run
 * in a process of their own and write to the terminal by themselves.
 */
export async function runActivityTests(definitions: string, write: (text: string) => void): Promise<number | null> {
  const project = projectOf(definitions);
  if (project === null || !existsSync(join(project, 'activities'))) return null;
  const names = (await readdir(join(project, 'activities'))).filter((name) => testFile.test(name)).sort();
  if (names.length === 0) return null;
  const sources = names.map((name) => `activities/${name}`);
  const compiled = await compileActivities(project, sources, { asInstalled: true });
  if (compiled.faulty.length > 0) {
    write(compiled.faulty.map((each) => formatFindings(each)).join('\n\n'));
    return 1;
  }
  const folder = join(project, '.kait', 'tests');
  await writeBuild(folder, compiled, { anew: true, api: 'kait' });
  const files = Object.values(compiled.modules).map((path) => join(folder, path));
  return new Promise((resolve, reject) => {
    // Node's runner ends with a stack trace if nobody reads on, as in `kait test | head`. A terminal reads on.
    const output = process.stdout.isTTY ? 'inherit' : 'pipe';
    // The database in memory has timers of its own, which would keep a process alive for 10 s after its last test.
    const node = spawn(process.execPath, ['--enable-source-maps', '--test', '--test-force-exit', ...files], {
      cwd: project,
      stdio: ['inherit', output, 'inherit'],
    });
    node.stdout?.on('data', (chunk: Buffer) => process.stdout.write(chunk));
    node.once('error', reject);
    node.once('close', (code) => resolve(code ?? 1));
  });
}
