import { execFile } from 'node:child_process';
import { access, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { packagePath } from '../../package-path.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { stagesOf } from './dockerfile.ts';
import { runKait, startKait } from './kait-command.ts';

/*
 * The package as it is published, installed into an empty folder, where a user makes a project of her own with it. Nothing of the
 * repository is at hand there.
 */

const run = promisify(execFile);
const folder = sharedTemporaryFolder();
const project = () => join(folder.path, 'shop');

/** What `kait init` said. */
let greeting = '';

const installed = () => join(project(), 'node_modules/kait/bin/kait.js');

/** Runs a command of the project to its end, as in a new user's shell. */
async function inProject(command: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(command, args, { cwd: project(), env: environment(), maxBuffer: 2 ** 24 });
  return stdout + stderr;
}

function environment() {
  const { cliPath } = inject('temporal');
  return { PATH: process.env.PATH, HOME: join(folder.path, 'home'), TEMPORAL_CLI_PATH: cliPath, NO_COLOR: '1' };
}

beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder.path], {
    cwd: packagePath(),
  });
  const tarball = join(folder.path, stdout.trim());
  const init = [packagePath('bin', 'kait.js'), 'init', 'shop', '--yes', '--gateway', 'stripe', 'svix'];
  greeting = (await run(process.execPath, init, { cwd: folder.path, env: environment() })).stdout;
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: project() });
});

it('has a package smaller than 3.5 MB, without tests', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: packagePath() });
  const [packed] = JSON.parse(stdout) as { size: number; files: { path: string }[] }[];
  expect(packed?.size).toBeLessThan(3.5 * 2 ** 20);
  expect(packed?.files.filter(({ path }) => /(?<!\.d)\.ts$|^(?:test|bench)\//.test(path))).toEqual([]);
});

it('makes a project that is sound, and whose tests pass', async () => {
  expect(await inProject('npm', 'run', '--silent', 'validate')).toBe(
    'Checked 1 definition, 1 activity, 1 test file, 1 sources file and 1 settings file: no mistakes. Tests were not run; "kait test" runs them.\n',
  );
  expect(await inProject('npm', 'test', '--silent')).toContain('2 tests passed, 0 failed in 1 file.');
  const sources = JSON.parse(await readFile(join(project(), 'definitions/sources.json'), 'utf8')) as object;
  expect(sources).toEqual({
    stripe: {
      gateway: 'stripe',
      secrets: ['STRIPE_WEBHOOK_SECRET'],
      environment: { env: 'STRIPE_ENVIRONMENT', default: 'live' },
    },
    svix: {
      gateway: 'svix',
      secrets: ['SVIX_WEBHOOK_SECRET'],
      environment: { env: 'SVIX_ENVIRONMENT', default: 'live' },
    },
  });
  await access(join(project(), 'schemas/workflow.schema.json'));
});

it('leaves files alone that exist', async () => {
  await writeFile(join(project(), 'README.md'), 'ours');
  expect(await inProject('npx', 'kait', 'init', '--yes')).toMatch(/Wrote 0 files[^]*Left as they were: package\.json/);
  expect(await readFile(join(project(), 'README.md'), 'utf8')).toBe('ours');
});

it('asks nobody who is not there', async () => {
  await expect(inProject('npx', 'kait', 'init', 'other')).rejects.toMatchObject({
    stderr: expect.stringContaining('KAIT_USAGE: Nobody can answer here. Use --yes'),
  });
});

it('shows everything in an empty folder with an empty home, as kait demo', async () => {
  const empty = join(folder.path, 'empty');
  await mkdir(empty);
  const demo = startKait(empty, ['demo', '--once'], {}, [process.execPath, installed()]);
  onTestFinished(() => void demo.end('SIGTERM'));
  expect(await demo.ended).toBe(0);
  expect(demo.output()).toContain('Everything happened exactly once.');
});

it('follows a changed definition with kait dev, and keeps to the last good one', async () => {
  const file = join(project(), 'definitions/workflows/payment-succeeded.json');
  const before = await readFile(file, 'utf8');
  const migration = join(project(), 'migrations/0002_levels.sql');
  await writeFile(migration, 'create table levels (customer text primary key,\n  level intt);\n');
  const kait = startKait(project(), ['dev'], { KAIT_HOME: join(folder.path, 'dev') }, [process.execPath, installed()]);
  onTestFinished(async () => {
    await kait.end('SIGTERM');
    await writeFile(file, before);
    await rm(migration);
  });
  await kait.untilOutput(/0002_levels\.sql[^]*intt[^]*Following .*definitions, activities and \.env/);
  await writeFile(file, before.replace('"emit"', '"emitt"'));
  await kait.untilOutput(/The last good version runs[^]*"emitt" is not a verb[^]*Did you mean "emit"/);
  await writeFile(migration, 'create table levels (customer text primary key,\n  level int);\n');
  await kait.untilOutput(/Applied migrations\/0002_levels\.sql/);
  await writeFile(file, before.replaceAll('payment-succeeded', 'paid'));
  await kait.untilOutput(/no mistakes any more/);
  const [, command = ''] = /^ {2}npx (kait send \S+ \S+)/m.exec(greeting) ?? [];
  await run('npx', command.split(' '), {
    cwd: project(),
    env: { ...environment(), KAIT_HOME: join(folder.path, 'dev') },
  });
  await kait.untilOutput(/← stripe payment\.succeeded [^]*▶ paid started[^]*✔ paid completed/);
});

/** The oldest Node that is supported, and the newer lines, as npm has them for this platform. */
const nodes = { oldest: '20.19.0', maintained: '22', current: '24' };

describe('the installed package', () => {
  const nodeOf = (line: string) => join(folder.path, 'nodes/node_modules', line, 'bin/node');

  it('is what the Dockerfile’s commands put into an image, without what .dockerignore keeps out', async () => {
    const stages = stagesOf(await readFile(join(project(), 'Dockerfile'), 'utf8'));
    const image = join(folder.path, 'image');
    await mkdir(image);
    const steps = (stages.get('packages') ?? []).filter(({ name }) => name === 'COPY' || name === 'RUN');
    expect(steps.map(({ name, text }) => `${name} ${text}`)).toEqual([
      'COPY package.json package-lock.json ./',
      'RUN npm ci --omit=dev --ignore-scripts',
      'COPY . .',
      'RUN npx kait build',
    ]);
    const ignored = await readFile(join(project(), '.dockerignore'), 'utf8');
    const allowed = [...ignored.matchAll(/^!(.+)$/gm)].map(([, name = '']) => name);
    const copy = async (names: string[]) => {
      for (const name of names) await cp(join(project(), name), join(image, name), { recursive: true });
    };
    const inImage = (command: string) => run('sh', ['-c', command], { cwd: image, env: environment() });
    await copy(['package.json', 'package-lock.json']);
    await inImage('npm ci --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund');
    await copy(allowed);
    await inImage('npx kait build');
    expect((await readdir(image)).sort()).toEqual([...allowed, 'dist', 'node_modules', '.kait'].sort());
    const copied = [...stages.values()].flat().flatMap(({ text }) => /^--from=(\S+) /.exec(text)?.[1] ?? []);
    expect(copied).toEqual(['packages']);
    // As the image's command, where nothing is configured yet.
    const server = await runKait(image, ['server'], {}, [
      process.execPath,
      join(image, 'node_modules/kait/bin/kait.js'),
    ]);
    expect(server).toMatchObject({ code: 1, output: expect.stringContaining('DATABASE_URL') });
  });

  beforeAll(async () => {
    await inProject('npx', 'kait', 'build');
    const name = `node-${process.platform}-${process.arch}`;
    const wanted = Object.entries(nodes).map(([line, version]) => `${line}@npm:${name}@${version}`);
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', join(folder.path, 'nodes'), ...wanted], {
      cwd: folder.path,
    });
  });

  it.each(Object.keys(nodes))('runs a workflow on the %s Node', async (line) => {
    const kait = startKait(project(), ['up'], { KAIT_HOME: join(folder.path, line) }, [nodeOf(line), installed()]);
    onTestFinished(() => void kait.end('SIGTERM'));
    await kait.untilOutput(/Stop: Ctrl-C/);
    const sent = await run(nodeOf(line), [installed(), 'send', 'stripe', 'payment_intent.succeeded'], {
      cwd: project(),
      env: { ...environment(), KAIT_HOME: join(folder.path, line) },
    });
    expect(sent.stdout).toContain('→ 200');
    await expect
      .poll(async () => {
        const { stdout } = await run(nodeOf(line), [installed(), 'runs'], {
          cwd: project(),
          env: { ...environment(), KAIT_HOME: join(folder.path, line) },
        });
        return stdout;
      })
      .toMatch(/completed .*\/payment-succeeded\//);
    expect(await kait.end('SIGTERM')).toBe(0);
  });
});
