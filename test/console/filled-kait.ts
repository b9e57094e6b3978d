import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiAccess, apiAccessFile } from '../../cli/api-client.ts';
import { findFreePort } from '../../embedded/free-port.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { packagePath } from '../../package-path.ts';
import { client, startProvider } from '../server/console/fake-provider.ts';
import { buildOnce } from '../services/build-once.ts';
import { fill, startOldRun } from './fill.ts';
import { longDefinition } from './long-definition.ts';
import { startShop } from './shop.ts';
import { startUp } from './start-up.ts';

/** A `kait up` that has received signed sample webhooks. */
export interface FilledKait {
  /** Of the admin port: the console, the API and the session. */
  url: string;
  /** `KAIT_ADMIN_TOKEN`. */
  token: string;
  /** Where webhooks go. */
  receiver: string;
  /** The shop that runs ask: see `shop.ts`. */
  shop: string;
  /** The folder of the mails, which are not sent. */
  mails: string;
  /** The executable of Temporal's CLI, for tests that start a Kait of their own. */
  temporalCli: string;
}

/** Starts one of its own, on free ports and in a folder of its own. `withHostile`: also with an order whose number is an attack. */
export async function startFilledKait({ withHostile = true } = {}): Promise<{
  kait: FilledKait;
  stop: () => Promise<void>;
}> {
  await buildOnce();
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-console-'));
  const home = join(folder, 'home');
  const shop = await startShop();
  const provider = await startProvider();
  const temporalCli = await obtainTemporalCli({
    ...{ environment: process.env, fallbackFolder: join(folder, 'cache') },
    report: (line) => void process.stderr.write(`${line}\n`),
  });
  const port = await findFreePort(); // The public URL must be known before it starts.
  const environment = {
    KAIT_HOME: home,
    KAIT_PORT: String(port),
    KAIT_PUBLIC_URL: `http://127.0.0.1:${port}`,
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
  const readAccess = async () => JSON.parse(await readFile(apiAccessFile(home), 'utf8')) as ApiAccess;
  const earlier = await startUp(folder, environment);
  await startOldRun(await readAccess(), 'renew');
  await earlier.stop();
  await cp(join(import.meta.dirname, 'workflows'), join(environment.KAIT_DEFINITIONS, 'workflows'), {
    recursive: true,
  });
  const up = await startUp(folder, environment);
  const access = await readAccess();
  const { receiver } = await fill(environment, { access, shop: shop.url, withHostile });
  return {
    kait: { ...access, receiver, shop: shop.url, mails: join(home, 'mail'), temporalCli },
    async stop() {
      await up.stop();
      await shop.stop();
      await provider.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** The browser's executable on this machine. The one without windows takes half of the time. */
export function findChromium(): string | undefined {
  const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(':');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

/** The package's, with the workflows of the tests, one of them as it was before. One source keeps the header that it was verified by. */
async function writeDefinitions(folder: string): Promise<string> {
  const definitions = join(folder, 'definitions');
  await cp(packagePath('definitions'), definitions, { recursive: true });
  await rm(join(definitions, 'workflows'), { recursive: true });
  await cp(join(import.meta.dirname, 'workflows'), join(definitions, 'workflows'), { recursive: true });
  const renew = join(definitions, 'workflows/renew.json');
  const { steps, ...rest } = JSON.parse(await readFile(renew, 'utf8')) as { steps: unknown[] };
  await writeFile(renew, JSON.stringify({ ...rest, steps: steps.slice(0, 1) }));
  await writeFile(join(definitions, 'workflows/long.json'), JSON.stringify(longDefinition()));
  const sources = {
    stripe: {
      ...{ gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'] },
      ...{ keepBodies: '90d', keepHeaders: ['stripe-signature'] },
    },
    midtrans: { gateway: 'midtrans', secrets: ['MIDTRANS_SERVER_KEY'], confirm: false },
    xendit: { gateway: 'xendit', secrets: ['XENDIT_CALLBACK_TOKEN'], confirm: false },
  };
  await writeFile(join(definitions, 'sources.json'), JSON.stringify(sources));
  const people = { ana: { name: 'Ana Wijaya', mail: 'ana@north.example', roles: ['finance'] } };
  await writeFile(join(definitions, 'people.json'), JSON.stringify(people));
  return definitions;
}
