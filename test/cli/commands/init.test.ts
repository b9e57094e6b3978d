import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { initProject, type InitOptions } from '../../../cli/commands/init.ts';
import { runTests } from '../../../cli/commands/test.ts';
import { validate } from '../../../cli/commands/validate.ts';
import { packagePath } from '../../../package-path.ts';
import { loadPresets } from '../../../server/gateway/presets.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await temporaryFolder(), 'My Shop!');
});

const init = (options: Partial<InitOptions> = {}) =>
  initProject(folder, { yes: true, ...options }, '2026-11-27T12:00:00.000Z');
const read = (path: string) => readFile(join(folder, path), 'utf8');
const silent = () => undefined;

const gateways = [...(await loadPresets(packagePath('definitions', 'gateways'))).keys()];

it.each(gateways)('makes a sound project for %s, whose tests pass', async (gateway) => {
  await init({ gateways: [gateway] });
  const definitions = join(folder, 'definitions');
  const lines: string[] = [];
  const code = await validate({ paths: [], json: false, definitions }, (line) => lines.push(line));
  expect([code, lines]).toEqual([
    0,
    [
      expect.stringContaining(
        'Checked 1 definition, 1 activity, 1 test file, 1 sources file and 1 settings file: no mistakes.',
      ),
    ],
  ]);
  expect(await runTests([join(definitions, 'workflows')], { minCoverage: 0 }, silent)).toBe(0);
});

describe('kait init', () => {
  it('names the project after its folder, also for Docker Compose', async () => {
    await init();
    expect(JSON.parse(await read('package.json'))).toMatchObject({ name: 'my-shop', dependencies: { kait: '^0.1.0' } });
    expect(await read('docker-compose.yml')).toMatch(/^name: 'my-shop'$/m);
  });

  it('leaves no placeholder of a template behind', async () => {
    await init({ gateways: ['midtrans', 'xendit'], database: 'postgres' });
    const texts = await Promise.all(['README.md', 'docker-compose.yml', '.env.example', '.env'].map(read));
    expect(texts.filter((text) => /\{\{\w+\}\}/.test(text))).toEqual([]);
  });

  it('names the variables of the gateways’ secrets and API keys, with nothing in them', async () => {
    await init({ gateways: ['xendit'] });
    expect(await read('.env')).toMatch(/^#XENDIT_WEBHOOK_SECRET=$[^]*^#XENDIT_API_KEY=$/m);
  });

  it('asks .env for the mail server and the database that were chosen', async () => {
    await init({ database: 'postgres', mail: 'smtp' });
    expect((await read('.env')).match(/^[A-Z_]+=/gm)).toEqual([
      'STRIPE_ENVIRONMENT=',
      'SMTP_URL=',
      'KAIT_MAIL_FROM=',
      'DATABASE_URL=',
    ]);
    expect((await read('.env.example')).match(/^[A-Z_]+=/gm)).toBeNull();
  });

  it('says which gateway it could not mount by itself, and how to', async () => {
    expect(await init({ gateways: ['paypal', 'stripe'] })).toContain('npx kait sources add --gateway paypal');
    expect(JSON.parse(await read('definitions/sources.json'))).toEqual({
      stripe: {
        gateway: 'stripe',
        secrets: ['STRIPE_WEBHOOK_SECRET'],
        environment: { env: 'STRIPE_ENVIRONMENT', default: 'live' },
      },
    });
  });

  it('starts in the sandbox, and in production only the environment differs', async () => {
    await init({ gateways: ['midtrans', 'basic_auth'] });
    expect(JSON.parse(await read('definitions/sources.json'))).toMatchObject({
      midtrans: { environment: { env: 'MIDTRANS_ENVIRONMENT', default: 'live' } },
      'basic-auth': { secrets: ['BASIC_AUTH_WEBHOOK_SECRET'] },
    });
    expect(await read('.env')).toMatch(/^MIDTRANS_ENVIRONMENT=sandbox$/m);
    expect(await read('.env.example')).toMatch(/^#MIDTRANS_ENVIRONMENT=sandbox$/m);
    expect(await read('.env')).not.toContain('BASIC_AUTH_ENVIRONMENT');
  });

  it('lets runs of samples go on without asking the gateway, until .env has a key', async () => {
    expect(await init({ gateways: ['xendit'] })).toContain(
      'Runs believe webhooks of Xendit without asking it, so that samples work. Delete XENDIT_CONFIRM from .env once XENDIT_API_KEY is there.',
    );
    expect(JSON.parse(await read('definitions/sources.json'))).toMatchObject({
      xendit: { apiKey: 'XENDIT_API_KEY', confirm: { env: 'XENDIT_CONFIRM', default: true } },
    });
    expect(await read('.env')).toMatch(/^XENDIT_CONFIRM=false$/m);
    expect(await read('.env.example')).toMatch(/^#XENDIT_CONFIRM=false$/m);
  });

  it('leaves every file alone that exists', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), '{}');
    expect(await init()).toContain('Left as they were: package.json');
    expect(await read('package.json')).toBe('{}');
  });

  it.each([
    ['an unknown gateway', { gateways: ['strip'] }, 'There is no gateway "strip". Did you mean "stripe"?'],
    [
      'a name that npm refuses',
      { name: 'My Shop' },
      'Expected a name of lower-case letters, digits and hyphens, got "My Shop".',
    ],
  ])('writes nothing for %s', async (_what, options, message) => {
    await mkdir(folder);
    await expect(init(options)).rejects.toMatchObject({ code: 'KAIT_USAGE', message });
    expect(await readdir(folder)).toEqual([]);
  });
});
