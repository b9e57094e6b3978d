import { spawnSync } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { initProject } from '../cli/commands/init.ts';
import { sharedTemporaryFolder } from './temporary-folder.ts';

/* Docker Compose reads the file that `kait init` writes, for which it needs no engine. */

const folder = sharedTemporaryFolder();
const project = () => join(folder.path, 'shop');

const compose = findCompose();
const without = compose === null ? ' (not checked: neither "docker compose" nor "docker-compose" is installed)' : '';

/** The plugin of Docker's CLI, or the program of its own that Debian has. Null if neither is installed. */
function findCompose(): { command: [string, ...string[]]; isOld: boolean } | null {
  const commands: [string, ...string[]][] = [['docker', 'compose'], ['docker-compose']];
  for (const command of commands) {
    const [program, ...args] = command;
    const { status, stdout } = spawnSync(program, [...args, 'version', '--short'], { encoding: 'utf8' });
    if (status === 0) return { command, isOld: stdout.startsWith('1.') };
  }
  return null;
}

/** Runs `docker compose <args> config` in the project, with nothing in the environment but its `.env`. */
function config(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const [program = '', ...plugin] = compose?.command ?? [];
  const environment = { PATH: process.env.PATH, HOME: folder.path };
  return spawnSync(program, [...plugin, ...args, 'config'], { cwd: project(), encoding: 'utf8', env: environment });
}

beforeAll(async () => {
  await initProject(project(), { yes: true, gateways: ['stripe'] }, '2026-11-27T12:00:00.000Z');
  const file = join(project(), 'docker-compose.yml');
  // Compose 1, which Debian 12 has, does not know the project's name.
  if (compose?.isOld === true) await writeFile(file, (await readFile(file, 'utf8')).replace(/^name: .*\n/m, ''));
});

it.skipIf(compose === null)(`says what is missing while nothing is filled in${without}`, () => {
  expect(config()).toMatchObject({ stdout: '', stderr: expect.stringContaining('set it in .env') });
});

it.skipIf(compose === null)(`is sound once .env has what .env.example asks for${without}`, async () => {
  const values = [
    'POSTGRES_PASSWORD=for-the-administrator',
    'KAIT_DATABASE_PASSWORD=for-the-database',
    'TEMPORAL_DATABASE_PASSWORD=for-temporal',
    'KAIT_ADMIN_TOKEN=for-operators-of-kait',
    'KAIT_PUBLIC_URL=https://hooks.example.com',
    'SMTP_URL=smtp://mail.example.com:587',
    'KAIT_MAIL_FROM=shop@example.com',
    'STRIPE_WEBHOOK_SECRET=whsec_for_stripe',
  ];
  await appendFile(join(project(), '.env'), `\n${values.join('\n')}\n`);
  const { status, stdout, stderr } = config('--profile', 'caddy', '--profile', 'ui');
  expect([status, stderr]).toEqual([0, '']);
  const [, services = ''] = /^services:\n((?: .*\n)+)/m.exec(stdout) ?? [];
  expect([...services.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name]) => name).sort()).toEqual([
    ...['caddy', 'migrate', 'postgres', 'server', 'temporal'],
    ...['temporal-namespace', 'temporal-schema', 'temporal-ui', 'worker'],
  ]);
  const given = (value: string) => stdout.split(`: ${value}\n`).length - 1;
  expect({
    administrator: given('for-the-administrator'),
    database: given('for-the-database'),
    temporal: given('for-temporal'),
    operators: given('for-operators-of-kait'),
    stripe: given('whsec_for_stripe'),
  }).toEqual({ administrator: 1, database: 4, temporal: 3, operators: 1, stripe: 3 });
});
