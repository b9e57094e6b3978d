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

const showSettings = `const { installation, logLevel } = loadConfig(); console.log(installation, logLevel, lookupSecret('STRIPE'));`;

it('adds what is not set; the environment wins', async () => {
  await envFile('KAIT_INSTALLATION=from-file\nLOG_LEVEL=debug\nSTRIPE="whsec_#1"\n');
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

it('is told as the origin of what it sets', async () => {
  await envFile('KAIT_PORT=9000\nLOG_LEVEL=debug\nKAIT_ADMIN_TOKEN=sixteen-letters!\n');
  const statements = `
    const named = (name) => loadConfig().shown.find((each) => each.name === name);
    for (const name of ['KAIT_PORT', 'LOG_LEVEL', 'KAIT_HOST', 'KAIT_ADMIN_TOKEN']) console.log(named(name).origin, named(name).value);`;
  expect(runThere(statements, { LOG_LEVEL: 'error' })).toEqual([
    'env-file 9000',
    'environment error',
    'default 127.0.0.1',
    'env-file null',
  ]);
});

it('may be missing', () => {
  expect(runThere(showSettings)).toEqual(['null info undefined']);
});

const showSecret = `try { loadConfig(); console.log(lookupSecret('STRIPE')); } catch (error) { console.log(error.message); }`;

it('may begin with a byte order mark', async () => {
  await envFile('\uFEFFSTRIPE=whsec_1\n');
  expect(runThere(showSecret)).toEqual(['whsec_1']);
});

it.each([
  ['with a byte order mark', Buffer.from('\uFEFFSTRIPE=whsec_1\n', 'utf16le')],
  ['without one', Buffer.from('STRIPE=whsec_1\n', 'utf16le')],
  ['with the other byte order', Buffer.from('\uFEFFSTRIPE=whsec_1\n', 'utf16le').swap16()],
])('is reported if it is UTF-16 %s', async (_how, bytes) => {
  await writeFile(join(folder, '.env'), bytes);
  expect(runThere(showSecret)).toEqual([
    expect.stringMatching(/\.env must be UTF-8, but is UTF-16\. Save it again with the encoding UTF-8$/),
  ]);
});

const cut = 'STRIPE has a # in line 2 of .env, which would end its value. Put the value in quotes';

it.each([
  ['A=1\nSTRIPE=whsec_a#b\n', cut],
  ['A=1\r\nexport STRIPE = whsec_a#b # comment\r\n', cut],
  ['A=1\nSTRIPE=#whsec_a\n', cut],
  ['A=1\nSTRIPE=whsec_a # comment\n', 'whsec_a'],
  ['A=1\nSTRIPE= # comment\n', 'undefined'],
  ['A=1\nSTRIPE="whsec_a#b" # comment\n', 'whsec_a#b'],
  ["A=1\nSTRIPE='whsec_a#b'\n", 'whsec_a#b'],
  ['A=1\n#STRIPE=whsec_a#b\n', 'undefined'],
])('never cuts a secret in silence: %j gives %s', async (text, shown) => {
  await envFile(text);
  expect(runThere(showSecret)).toEqual([shown]);
});

it('cuts nothing that the environment has', async () => {
  await envFile('STRIPE=whsec_a#b\n');
  expect(runThere(showSecret, { STRIPE: 'whsec_c' })).toEqual(['whsec_c']);
});

it('may name a file that begins with a byte order mark, and reports one that is UTF-16', async () => {
  await writeFile(join(folder, 'secret'), '\uFEFFwhsec_1\r\n');
  expect(runThere(showSecret, { STRIPE_FILE: 'secret' })).toEqual(['whsec_1']);
  await writeFile(join(folder, 'secret'), Buffer.from('whsec_1', 'utf16le'));
  expect(runThere(showSecret, { STRIPE_FILE: 'secret' })).toEqual([
    'secret must be UTF-8, but is UTF-16. Save it again with the encoding UTF-8',
  ]);
});
