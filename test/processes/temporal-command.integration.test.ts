import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { identifyProcess } from '../../embedded/process-identity.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { runKait, startKait } from './kait-command.ts';

/* `kait temporal`, with a program in place of the Temporal CLI that says what it was given, and once with the real one. */

const executable = fileURLToPath(new URL('../../bin/kait.js', import.meta.url));

let folder: string;
let cli: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  cli = join(folder, 'temporal');
  await writeFile(cli, fakeCli);
  await chmod(cli, 0o700);
});

const fakeCli = `#!/usr/bin/env bash
if [ "$*" = --version ]; then echo "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"; exit 0; fi
for argument in "$@"; do echo "<$argument>"; done
env | grep -E '^(TEMPORAL_|STRIPE_)' | grep -v TEMPORAL_CLI_PATH | LC_ALL=C sort
case "$*" in
  *wait*) trap 'echo got TERM; exit 7' TERM; trap 'echo got INT; exit 8' INT; echo waiting; while :; do sleep 0.05; done;;
  *die*) kill -KILL $$;;
  *fail*) exit 3;;
  *read*) cat;;
  *terminal*) [ -t 0 ] && [ -t 1 ] && echo "a terminal";;
esac
`;

/** As if the embedded server of this folder ran: in the place of its process is the one of this test. */
async function pretendServer(server: object): Promise<void> {
  await mkdir(join(folder, '.kait'), { recursive: true });
  const { pid, startedAt } = identifyProcess(process.pid)!;
  await writeFile(join(folder, '.kait/temporal.json'), JSON.stringify({ pid, startedAt, ...server }));
}

const temporal = (args: string[], environment: Record<string, string> = {}) =>
  runKait(folder, ['temporal', ...args], { TEMPORAL_CLI_PATH: cli, ...environment });

/** With a standard input. */
function temporalWith(args: string[], input: string): string {
  const env = { PATH: process.env.PATH, HOME: folder, TEMPORAL_CLI_PATH: cli };
  return spawnSync(process.execPath, [executable, 'temporal', ...args], { cwd: folder, env, input }).stdout.toString();
}

describe('with the embedded server', () => {
  beforeEach(() => pretendServer({ port: 7299, namespace: 'shop' }));

  it.each([
    { args: ['workflow', 'list', '--query', `KaitSource="stripe" AND x='a b'`] },
    { args: ['--help'] },
    { args: ['--version', '-h'] },
    { args: ['workflow', 'start', '--input', '{"a":"$HOME `ls` \\" *"}', '--', '--definition', ''] },
    { args: ['-o', 'json', '--', '--'] },
    { args: [] },
    { args: ['help', 'up', 'ünï\ncode'] },
  ])('hands over the arguments as they are: $args', async ({ args }) => {
    const { code, output } = await temporal(args);
    expect(output).toBe(
      [
        ...['--env-file', '/dev/null', ...args].map((arg) => `<${arg}>\n`),
        'TEMPORAL_ADDRESS=127.0.0.1:7299\nTEMPORAL_CONFIG_FILE=/dev/null\nTEMPORAL_NAMESPACE=shop\n',
      ].join(''),
    );
    expect(code).toBe(0);
  });

  it('keeps the settings of another server, and Kait’s own secrets, from it', async () => {
    const { output } = await temporal(['x'], {
      TEMPORAL_NAMESPACE: 'other',
      TEMPORAL_API_KEY: 'a key for another server',
      TEMPORAL_TLS: 'true',
      TEMPORAL_CODEC_ENDPOINT: 'https://codec.example',
      STRIPE_WEBHOOK_SECRET: 'whsec_1',
    });
    expect(output.split('\n').slice(3)).toEqual([
      'TEMPORAL_ADDRESS=127.0.0.1:7299',
      'TEMPORAL_CONFIG_FILE=/dev/null',
      'TEMPORAL_NAMESPACE=shop',
      '',
    ]);
  });

  it('passes on the exit code, and a signal as a shell reports it', async () => {
    expect((await temporal(['fail'])).code).toBe(3);
    expect((await temporal(['die'])).code).toBe(137);
  });

  it('passes on the standard input, byte by byte', () => {
    expect(temporalWith(['read'], 'über\r\n\tlines\n')).toContain('über\r\n\tlines\n');
  });

  it('gives it the terminal', () => {
    const env = { PATH: process.env.PATH, HOME: folder, TEMPORAL_CLI_PATH: cli };
    const line = `${process.execPath} ${executable} temporal terminal`;
    const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], { cwd: folder, env });
    expect(stdout.toString()).toContain('a terminal');
  });

  it.each([
    { signal: 'SIGTERM', says: 'got TERM', code: 7 },
    { signal: 'SIGINT', says: 'got INT', code: 8 },
  ] as const)('passes on $signal, and ends as the CLI does', async ({ signal, says, code }) => {
    const command = startKait(folder, ['temporal', 'wait'], { TEMPORAL_CLI_PATH: cli });
    await command.untilOutput(/waiting/);
    expect(await command.end(signal)).toBe(code);
    expect(command.output()).toContain(says);
  });

  it('does not ask the server of this machine about a Kait that is elsewhere', async () => {
    const { code, output } = await temporal(['workflow', 'list'], {
      KAIT_ADMIN_URL: 'https://kait.example.com',
      KAIT_ADMIN_TOKEN: 'a token of the tests',
    });
    expect(code).toBe(1);
    expect(output).toMatch(/^KAIT_NOT_RUNNING: KAIT_ADMIN_URL names a Kait on another machine/);
  });
});

describe('without a server', () => {
  it('says what to do instead of asking port 7233', async () => {
    expect(await temporal(['workflow', 'list'])).toEqual({
      code: 1,
      output: `KAIT_NOT_RUNNING: No embedded Temporal runs for ${folder}/.kait. Start it with "npx kait up", set KAIT_HOME to the data folder of the Kait that you mean, or set TEMPORAL_ADDRESS if its Temporal is a cluster.\n`,
    });
  });

  it('does so as well if the server has ended, or if its record is damaged', async () => {
    await pretendServer({ port: 7299, pid: 2 ** 22 + 1 });
    expect((await temporal(['workflow', 'list'])).code).toBe(1);
    await writeFile(join(folder, '.kait/temporal.json'), '{"pid":');
    expect((await temporal(['workflow', 'list'])).code).toBe(1);
  });

  it.each([{ args: ['--help'] }, { args: ['workflow', 'list', '--query', '--help'] }, { args: ['help'] }])(
    'still shows help, and leads nowhere: $args',
    async ({ args }) => {
      const { code, output } = await temporal(args);
      expect(code).toBe(0);
      expect(output).toContain('TEMPORAL_ADDRESS=kait-is-not-running.invalid:7233\n');
    },
  );

  it('lets the user name another server', async () => {
    expect(await temporal(['workflow', 'list', '--address', '127.0.0.1:7300'])).toMatchObject({ code: 0 });
    expect(await temporal(['workflow', 'list', '--address=127.0.0.1:7300'])).toMatchObject({ code: 0 });
  });

  it('names what to do if there is no CLI', async () => {
    await pretendServer({ port: 7299 });
    const { code, output } = await temporal(['x'], { TEMPORAL_CLI_PATH: join(folder, 'none') });
    expect(code).toBe(1);
    expect(output).toContain(`KAIT_TEMPORAL_CLI_MISSING: TEMPORAL_CLI_PATH is ${folder}/none, which does not exist.`);
  });
});

describe('with a cluster', () => {
  it('passes on Temporal’s own variables, and the API key of a file', async () => {
    await writeFile(join(folder, 'key'), 'a key of the tests\n');
    await pretendServer({ port: 7299 });
    const { output } = await temporal(['workflow', 'list'], {
      TEMPORAL_ADDRESS: 'shop.tmprl.cloud:7233',
      TEMPORAL_NAMESPACE: '',
      TEMPORAL_API_KEY_FILE: join(folder, 'key'),
      TEMPORAL_TLS_SERVER_NAME: 'shop.example',
      TEMPORAL_CODEC_ENDPOINT: '',
    });
    expect(output.split('\n')).toEqual([
      '<--env-file>',
      '</dev/null>',
      '<workflow>',
      '<list>',
      'TEMPORAL_ADDRESS=shop.tmprl.cloud:7233',
      'TEMPORAL_API_KEY=a key of the tests',
      `TEMPORAL_API_KEY_FILE=${folder}/key`,
      'TEMPORAL_NAMESPACE=default',
      'TEMPORAL_TLS_SERVER_NAME=shop.example',
      '',
    ]);
  });

  it('names the address of a TOML profile, which the CLI reads by itself for the rest', async () => {
    const file = join(folder, 'temporal.toml');
    await writeFile(file, '[profile.eu]\naddress = "eu.example:7233"\nnamespace = "shop"\napi_key = "from the file"\n');
    const { output } = await temporal(['x'], { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'eu' });
    expect(output.split('\n').slice(3, -1)).toEqual([
      'TEMPORAL_ADDRESS=eu.example:7233',
      'TEMPORAL_API_KEY=from the file',
      `TEMPORAL_CONFIG_FILE=${file}`,
      'TEMPORAL_NAMESPACE=shop',
      'TEMPORAL_PROFILE=eu',
    ]);
  });

  it('asks the real server with the real CLI, whatever its user has stored for others', async () => {
    const { address, cliPath } = inject('temporal');
    await mkdir(join(folder, 'home/.config/temporalio'), { recursive: true });
    await writeFile(
      join(folder, 'home/.config/temporalio/temporal.yaml'),
      'env:\n  default:\n    address: 127.0.0.1:1\n    namespace: other\n',
    );
    const environment = { TEMPORAL_ADDRESS: address, TEMPORAL_CLI_PATH: cliPath };
    const { code, output } = await runKait(folder, ['temporal', 'operator', 'cluster', 'health'], environment);
    expect(output).toBe('SERVING\n');
    expect(code).toBe(0);
    expect(await readFile(join(folder, 'home/.config/temporalio/temporal.yaml'), 'utf8')).toContain('namespace: other');
  });
});
