import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { apiAccessFile } from '../../cli/api-client.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { packagePath } from '../../package-path.ts';
import { client, startProvider } from '../server/console/fake-provider.ts';
import { buildOnce } from '../services/build-once.ts';
import { fill } from './fill.ts';
import { startShop } from './shop.ts';
import { startUp } from './start-up.ts';

/** The one Kait that all browser tests look at; `inject('console')` gets it. */
export interface ConsoleForTests {
  /** Of the admin port: the console, the API and the session. */
  url: string;
  /** `KAIT_ADMIN_TOKEN`. */
  token: string;
  /** Where webhooks go. */
  receiver: string;
  /** The shop that runs ask: see `shop.ts`. */
  shop: string;
  /** The browser's executable. */
  chromium: string;
  /** That of Temporal, for tests that start a Kait of their own. */
  temporalCli: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null: there is no browser on this machine. */
    console: ConsoleForTests | null;
  }
}

/** Starts one `kait up`, and fills it with signed sample webhooks. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const chromium = findChromium();
  if (chromium === undefined) {
    if (process.env.CI !== undefined) throw new Error('The browser tests need Chromium, and this machine has none.');
    process.stderr.write('The browser tests are skipped: this machine has no Chromium.\n');
    project.provide('console', null);
    return () => Promise.resolve();
  }
  await buildOnce();
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-console-'));
  const home = join(folder, 'home');
  const shop = await startShop();
  const provider = await startProvider();
  const temporalCli = await obtainTemporalCli({
    ...{ environment: process.env, fallbackFolder: join(folder, 'cache') },
    report: (line) => void process.stderr.write(`${line}\n`),
  });
  const environment = {
    KAIT_HOME: home,
    KAIT_DEFINITIONS: await writeDefinitions(folder),
    KAIT_SETTING_NORTH_URL: shop.url,
    KAIT_OUTBOUND_ALLOW: '127.0.0.0/8',
    KAIT_TENANT_ALLOW: '127.0.0.0/8',
    KAIT_PORTAL_NAME: 'North webhooks',
    KAIT_PORTAL_ACCENT: '#ffcc00',
    KAIT_PORTAL_ORIGINS: 'https://app.north.example',
    KAIT_OIDC_ISSUER: provider.issuer,
    KAIT_OIDC_CLIENT_ID: client.id,
    KAIT_OIDC_CLIENT_SECRET: client.secret,
    KAIT_OIDC_ROLES: 'groups=payments:operator',
    TEMPORAL_CLI_PATH: temporalCli,
  };
  const kait = await startUp(folder, environment);
  const access = JSON.parse(await readFile(apiAccessFile(home), 'utf8')) as { url: string; token: string };
  const { receiver } = await fill(environment, access);
  project.provide('console', { ...access, receiver, shop: shop.url, chromium, temporalCli });
  return async () => {
    await kait.stop();
    await shop.stop();
    await provider.stop();
    await rm(folder, { recursive: true });
  };
}

function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(':');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

/** The package's, with the workflows of the tests. One source keeps the header that it was verified by. */
async function writeDefinitions(folder: string): Promise<string> {
  const definitions = join(folder, 'definitions');
  await cp(packagePath('definitions'), definitions, { recursive: true });
  await rm(join(definitions, 'workflows'), { recursive: true });
  await cp(join(import.meta.dirname, 'workflows'), join(definitions, 'workflows'), { recursive: true });
  const sources = {
    stripe: {
      ...{ gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'] },
      ...{ keepBodies: '90d', keepHeaders: ['stripe-signature'] },
    },
    midtrans: { gateway: 'midtrans', secrets: ['MIDTRANS_SERVER_KEY'], confirm: false },
    xendit: { gateway: 'xendit', secrets: ['XENDIT_CALLBACK_TOKEN'], confirm: false },
  };
  await writeFile(join(definitions, 'sources.json'), JSON.stringify(sources));
  return definitions;
}
