import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiAccess, apiAccessFile, apiClient } from '../../cli/api-client.ts';
import { findFreePort } from '../../embedded/free-port.ts';
import { packagePath } from '../../package-path.ts';
import { client, startProvider } from '../server/console/fake-provider.ts';
import { fillHostile, hostile, type HostilePages, long, longName, person, secret } from './fill-hostile.ts';
import { startUp } from './start-up.ts';

export interface HostileKait extends ApiAccess, HostilePages {
  /** The folder of the mails, which are not sent. */
  mails: string;
  stop: () => Promise<void>;
}

/** Starts a Kait of its own, and fills it with what nobody would wish for: other tests count what is in theirs. */
export async function startHostileKait(temporalCli: string): Promise<HostileKait> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-hostile-'));
  const home = join(folder, 'home');
  const shop = await startHostileShop();
  const provider = await startProvider();
  provider.behave({ claims: { email: undefined, preferred_username: person } });
  const port = await findFreePort(); // The public URL must be known before it starts.
  const kait = await startUp(folder, {
    ...{ KAIT_PORT: String(port), KAIT_PUBLIC_URL: `http://127.0.0.1:${port}`, KAIT_PORTAL_NAME: hostile.slice(0, 60) },
    ...{ KAIT_OIDC_ISSUER: provider.issuer, KAIT_OIDC_ROLES: 'groups=payments:admin' },
    ...{ KAIT_OIDC_CLIENT_ID: client.id, KAIT_OIDC_CLIENT_SECRET: client.secret },
    ...{ KAIT_HOME: home, KAIT_DEFINITIONS: await writeDefinitions(folder), TEMPORAL_CLI_PATH: temporalCli },
    ...{ KAIT_SETTING_NORTH_URL: shop.url, KAIT_OUTBOUND_ALLOW: '127.0.0.0/8', KAIT_TENANT_ALLOW: '127.0.0.0/8' },
    ...{ STRIPE_WEBHOOK_SECRET: secret, HOSTILE_SECRET: secret },
  });
  const access = JSON.parse(await readFile(apiAccessFile(home), 'utf8')) as ApiAccess;
  return {
    ...access,
    ...(await fillHostile(apiClient(access), shop.url, Object.keys(definitions))),
    mails: join(home, 'mail'),
    async stop() {
      await kait.stop();
      await shop.stop();
      await provider.stop();
      await rm(folder, { recursive: true });
    },
  };
}

const definitions = {
  [`h-${'o'.repeat(62)}`]: {
    ...{ title: hostile, on: { event: 'payment.succeeded' }, onFail: 'park' },
    steps: [
      { id: 'say', title: hostile, set: { said: `${hostile} {{event.payment.orderId}}` } },
      {
        ...{ id: 'ask', title: hostile, http: '{{settings.northUrl}}/ask', method: 'POST' },
        body: { order: '{{event.payment.orderId}}', hostile },
      },
      { id: 'tell', title: hostile, emit: 'hostile.told', with: { text: hostile, order: '{{event.payment.orderId}}' } },
      {
        ...{ id: 'accept', title: hostile, approve: `${hostile} {{event.payment.orderId}}`, timeout: '7d' },
        ...{ details: { [hostile]: '{{event.payment.orderId}}', [long]: long }, onReject: 'continue' },
        mail: { to: ['ana'] },
      },
      { id: `s${'t'.repeat(60)}`, fail: hostile, type: 'Hostile' },
    ],
    output: { said: '{{event.payment.orderId}}' },
  },
  refuse: {
    ...{ on: { event: 'payment.failed' }, onFail: 'park', defaults: { retry: { attempts: 1 } } },
    steps: [{ id: 'ask', http: '{{settings.northUrl}}/refuse', method: 'POST', body: { hostile } }],
  },
  nightly: {
    ...{ title: hostile, on: { schedule: '0 3 * * *' }, onFail: 'park' },
    vars: { nobody: `"${hostile}"@north.example` },
    steps: [
      {
        ...{ id: 'write', title: hostile, call: 'mail.send' },
        with: {
          to: `${'x'.repeat(60)}@${'x'.repeat(60)}.example`,
          subject: `${hostile}${long}`.slice(0, 500),
          text: hostile,
        },
      },
      {
        ...{ id: 'astray', title: hostile, call: 'mail.send' },
        with: { to: '{{vars.nobody}}', subject: hostile, text: long },
      },
    ],
  },
};

/** Definitions with tests that fail, and one that has mistakes. */
async function writeDefinitions(folder: string): Promise<string> {
  const home = join(folder, 'definitions');
  await mkdir(join(home, 'workflows'), { recursive: true });
  await mkdir(join(home, 'event-types'));
  for (const part of ['settings.json', 'secrets.json', 'gateways']) {
    await cp(packagePath('definitions', part), join(home, part), { recursive: true });
  }
  for (const [name, definition] of Object.entries(definitions)) {
    await writeFile(join(home, 'workflows', `${name}.json`), JSON.stringify({ name, ...definition }));
    const test = { name: hostile, event: { payment: { orderId: hostile } }, expect: { output: { said: long } } };
    await writeFile(join(home, 'workflows', `${name}.test.json`), JSON.stringify({ tests: [test] }));
  }
  await writeFile(
    join(home, 'workflows', 'broken.json'),
    JSON.stringify({ name: 'broken', on: { event: 'payout.paid' }, [hostile]: hostile }),
  );
  const data = { type: 'object', properties: { text: { type: 'string', description: hostile } } };
  const type = { description: hostile, data, example: { text: hostile, order: long } };
  await writeFile(join(home, 'event-types', 'hostile.told.json'), JSON.stringify(type));
  const source = { gateway: 'stripe', secrets: ['HOSTILE_SECRET'], keepBodies: '90d', keepHeaders: ['x-hostile'] };
  const sources = { stripe: { ...source, secrets: ['STRIPE_WEBHOOK_SECRET'] }, [longName]: source };
  await writeFile(join(home, 'sources.json'), JSON.stringify(sources));
  const people = { ana: { name: hostile, mail: 'ana@north.example', roles: ['finance'] } };
  await writeFile(join(home, 'people.json'), JSON.stringify(people));
  return home;
}

/** Answers with a page, which is large and full of markup. */
async function startHostileShop(): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    const status = request.url === '/refuse' ? 422 : 200;
    response.writeHead(status, { 'content-type': 'text/html', 'x-hostile': '<b onclick=alert(1)>' });
    response.end(`<html><body>${hostile}${`<p>${hostile}</p>`.repeat(300)}</body></html>`);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
