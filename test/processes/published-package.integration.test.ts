import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { packagePath } from '../../package-path.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';

/* What npm would publish, as the programs see it that look for modules and types in packages. */

const run = promisify(execFile);
const folder = sharedTemporaryFolder();
let tarball: string;

beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder.path], {
    cwd: packagePath(),
  });
  tarball = join(folder.path, stdout.trim());
});

it('has nothing that publint advises against', async () => {
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(await readFile(tarball)).buffer } });
  expect(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>, { color: false }))).toEqual(
    [],
  );
});

it('has types of the right kind for every way to look for modules that knows ES modules', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))));
  // CommonJS loads it too, as Node has since 20.19; TypeScript then wants `module` to be `node20` or `nodenext`.
  const accepted = ['node10', 'node16-cjs'];
  const problems = (analysis.types === false ? [{ kind: 'NoTypes' }] : analysis.problems).filter(
    (problem) => !accepted.some((kind) => 'resolutionKind' in problem && problem.resolutionKind === kind),
  );
  expect(problems).toEqual([]);
});

const source = `
import { type CanonicalEvent, defineActivity, PermanentError } from 'kait';
import { expectOnce } from 'kait/testing';
import { z } from 'zod';

export const addPoints = defineActivity({
  name: 'points.add',
  title: 'Add points',
  kind: 'database',
  input: z.strictObject({ email: z.email(), points: z.int() }),
  output: z.strictObject({ total: z.int() }),
  async run({ email, points }, { sql, event }) {
    if (points < 0) throw new PermanentError('PointsInvalid', 'No points');
    const [row] = await sql\`update points set total = total + \${points} where email = \${email} returning total\`;
    const paid: number | null = event.payment?.amount ?? null;
    return { total: paid === null ? 0 : Number(row?.total) };
  },
});

// @ts-expect-error: fetch is for activities of the kind network.
export const ask = defineActivity({ ...addPoints, kind: 'database', run: (input, { fetch }) => fetch('https://a.example') });
// @ts-expect-error: an event has no such member, so the types are not just \`any\`.
export const wrong = (event: CanonicalEvent) => event.amount;
export const total = async (): Promise<number> => (await expectOnce(addPoints, { email: 'a@b.example', points: 5 })).output.total;
// @ts-expect-error: a test has to pass what the input's schema asks for.
export const untyped = () => expectOnce(addPoints, { email: 'a@b.example' });
`;

describe('its dependencies', () => {
  let code: string[];
  let types: string[];
  let declared: string[];

  beforeAll(async () => {
    const installed = join(await projectWithPackage('plain'), 'node_modules/kait');
    declared = await dependenciesOf(installed);
    const files = await readdir(join(installed, 'dist'), { recursive: true });
    const modules = files.filter((file) => file.endsWith('.js') && file !== 'workflows.js');
    const declarations = files.filter((file) => file.endsWith('.d.ts'));
    const read = (names: string[]) => Promise.all(names.map((file) => readFile(join(installed, 'dist', file), 'utf8')));
    [code, types] = [await read(modules), await read(declarations)];
  });

  it('are all that the code imports', () => {
    const imported = code.flatMap((text) => ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName));
    const names = imported.filter((name) => !/^(?:\.|node:)/.test(name)).map((name) => packageOf(name));
    expect(names.filter((name) => !declared.includes(name))).toEqual([]);
  });

  it('are not needed for the types, but for zod', () => {
    const imported = types.flatMap((text) => ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName));
    expect([...new Set(imported.filter((name) => !name.startsWith('.')))]).toEqual(['zod']);
  });

  it('are all used', () => {
    const named = code.flatMap((text) =>
      [...text.matchAll(/(['"])([@a-z][^'"\s]+)\1/g)].map(([, , name = '']) => name),
    );
    expect(declared.filter((name) => !named.some((each) => packageOf(each) === name))).toEqual([]);
  });
});

it.each([
  {
    command: 'validate',
    never: ['@electric-sql/pglite', 'pg', '@temporalio/worker', '@temporalio/client', 'fastify', 'pino'],
  },
  {
    command: 'server',
    never: ['@electric-sql/pglite', 'pg', '@temporalio/worker', 'nodemailer', 'chokidar', '@clack/prompts'],
  },
  { command: 'worker', never: ['@electric-sql/pglite', 'pg', 'chokidar', '@clack/prompts'] },
])('loads for kait $command none of $never before it is needed', async ({ command, never }) => {
  const chunks = packagePath('dist', 'chunks');
  const files = (await readdir(chunks)).filter((file) => new RegExp(`^${command}-[A-Z0-9]+\\.js$`).test(file));
  const loaded = await Promise.all(files.map((file) => packagesLoadedBy(join(chunks, file))));
  expect(loaded.flat()).toContain('zod');
  expect(never.filter((name) => loaded.flat().includes(name))).toEqual([]);
});

/** The packages that importing this module loads at once. The builder writes an import at the beginning of a line. */
async function packagesLoadedBy(module: string): Promise<string[]> {
  const modules = new Set([module]);
  const packages = new Set<string>();
  for (const each of modules) {
    for (const [, name = ''] of (await readFile(each, 'utf8')).matchAll(
      /^(?:import|\} from) ?(?:[^'"\n]* from )?"([^"\n]+)"/gm,
    )) {
      if (name.startsWith('.')) modules.add(join(dirname(each), name));
      else packages.add(packageOf(name));
    }
  }
  return [...packages];
}

function packageOf(module: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? module;
}

it.each([
  { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: false },
  { module: 'node16', moduleResolution: 'node16', skipLibCheck: true },
  { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true },
])('compiles a strict project with moduleResolution $moduleResolution', async (compilerOptions) => {
  const project = await projectWithPackage(compilerOptions.module);
  const options = { ...compilerOptions, target: 'es2022', strict: true, noEmit: true };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['main.ts'] }));
  await writeFile(join(project, 'main.ts'), source);
  const tsc = packagePath('node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', project]).catch((error: unknown) => error as never);
  expect(stdout).toBe('');
});

/** A project in which the packed Kait is installed. Its dependencies are those of the repository. */
async function projectWithPackage(name: string): Promise<string> {
  const project = join(folder.path, name);
  const installed = join(project, 'node_modules/kait');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const each of [...(await dependenciesOf(installed)), '@types/node']) {
    const link = join(project, 'node_modules', each);
    await mkdir(dirname(link), { recursive: true });
    await symlink(packagePath('node_modules', each), link);
  }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'shop', type: 'module' }));
  return project;
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const { dependencies, peerDependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'peerDependencies',
    object
  >;
  return Object.keys({ ...dependencies, ...peerDependencies });
}
