import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/* The `.env` file of the working folder, which a process of its own reads. */

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

const envFile = (text: string) => writeFile(join(folder, '.env'), text);

/** What statements write that have `loadConfig`, `lookupSecret` and `refreshEnvFile`, in a process whose working folder is `folder`. */
function runThere(statements: string, environment: Record<string, string> = {}): string[] {
  const config = pathToFileURL(resolve(import.meta.dirname, '../config.ts')).href;
  const script = `import { loadConfig, lookupSecret, refreshEnvFile } from ${JSON.stringify(config)};
    import { writeFileSync } from 'node:fs';
    ${statements}`;
  const tsx = import.meta.resolve('tsx');
  const options = { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, ...environment } } as const;
  return execFileSync(process.execPath, ['--import', tsx, '--input-type=module', '-e', script], options)
    .trim()
    .split('\n');
}

const showSettings = `const { taskQueue, logLevel } = loadConfig(); console.log(taskQueue, logLevel, lookupSecret('STRIPE'));`;

it('adds what is not set; the environment wins', async () => {
  await envFile('KAIT_TASK_QUEUE=from-file\nLOG_LEVEL=debug\nSTRIPE="whsec_#1"\n');
  expect(runThere(showSettings, { LOG_LEVEL: 'error' })).toEqual(['from-file error whsec_#1']);
});

it('is read again for secrets that were rotated, but never beats the environment', async () => {
  await envFile('ROTATED=one\nGONE=one\nGIVEN=file\n');
  const statements = `
    const show = () => console.log(['ROTATED', 'GONE', 'ADDED', 'GIVEN'].map((name) => lookupSecret(name)).join(' '));
    loadConfig(); show();
    writeFileSync('.env', 'ROTATED=two\\nADDED=two\\nGIVEN=file\\n');
    refreshEnvFile(); show();`;
  expect(runThere(statements, { GIVEN: 'environment' })).toEqual(['one one  environment', 'two  two environment']);
});

it('may be missing', () => {
  expect(runThere(showSettings)).toEqual(['kait info undefined']);
});
