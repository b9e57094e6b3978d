import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { apiAccessFile, type ApiAccess } from '../../../cli/api-client.ts';
import { startKait } from '../../processes/kait-command.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/* Schemathesis makes up requests from the OpenAPI document, valid and invalid ones, and checks the answers against it. */

const run = promisify(execFile);
const version = '4.32.5';

/** Made once on a machine, since it takes a minute. */
const environment = join(tmpdir(), `kait-test-schemathesis-${version}`);
const schemathesis = join(environment, 'bin', 'schemathesis');

/** Returns why schemathesis cannot be installed; null: it is there. */
async function prepare(): Promise<string | null> {
  try {
    await run('python3', ['-m', 'venv', environment]);
    const pip = ['-m', 'pip', 'install', '--quiet', `schemathesis==${version}`];
    await run(join(environment, 'bin', 'python'), pip);
    await access(schemathesis);
    return null;
  } catch (error) {
    const [line = 'no reason'] = String(error instanceof Error ? error.message : error).split('\n');
    return `needs Python with venv and pip, and a package index: ${line}`;
  }
}

const args = [
  ...['--phases', 'coverage,fuzzing', '--max-examples', '2', '--seed', '13', '--generation-database', 'none'],
  ...['--continue-on-failure', '--request-timeout', '20', '--no-color', '--checks', 'all'],
  // What is formed like a cursor or like an idempotency key may still be none: only earlier answers say that.
  ...['--exclude-checks', 'positive_data_acceptance'],
  ...['--exclude-path', '/feed', '--exclude-path', '/changes'], // A stream has no end.
];

it('answers whatever comes as the document says', { timeout: 600_000 }, async ({ skip }) => {
  const reason = await prepare();
  skip(reason !== null, reason ?? '');
  const folder = await temporaryFolder();
  const kait = startKait(folder, ['up']);
  try {
    await kait.untilOutput(/Accepting webhooks/);
    const { url, token } = JSON.parse(await readFile(apiAccessFile(join(folder, '.kait')), 'utf8')) as ApiAccess;
    const document = `${url}/api/v1/openapi.json`;
    const found = await run(schemathesis, ['run', document, '--header', `Authorization: Bearer ${token}`, ...args], {
      cwd: folder,
      maxBuffer: 64 * 2 ** 20,
    }).catch((error: unknown) => error as { stdout: string });
    expect(found.stdout).toMatch(/ ([1-9]\d{2,}) generated, \1 passed/);
    expect(found.stdout).not.toMatch(/FAILURES|ERRORS/);
  } finally {
    await kait.end('SIGTERM');
  }
});
