import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Stripe from 'stripe';
import { answerOf, type ApiAccess, apiAccessFile, type ApiClient, apiClient } from '../../cli/api-client.ts';
import { packagePath } from '../../package-path.ts';
import { startUp } from './start-up.ts';

/** What somebody may have written wherever a text is taken: markup, other directions of writing, and letters of several code units. */
export const hostile =
  '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202e\u2066gnp.\u2069🪝👩‍👩‍👧‍👦ﷺ [[7*7]] javascript:window.pwned=1';
const long = 'x'.repeat(400);
const longName = 'n'.repeat(63);
const secret = 'whsec_of_the_tests';

export interface HostileKait extends ApiAccess {
  /** The paths of pages of single things, which are not known before. */
  paths: string[];
  stop: () => Promise<void>;
}

/** Starts a Kait of its own, and fills it with what nobody would wish for: other tests count what is in theirs. */
export async function startHostileKait(temporalCli: string): Promise<HostileKait> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-hostile-'));
  const home = join(folder, 'home');
  const shop = await startHostileShop();
  const kait = await startUp(folder, {
    ...{ KAIT_HOME: home, KAIT_DEFINITIONS: await writeDefinitions(folder), TEMPORAL_CLI_PATH: temporalCli },
    ...{ KAIT_SETTING_NORTH_URL: shop.url, KAIT_OUTBOUND_ALLOW: '127.0.0.0/8', KAIT_TENANT_ALLOW: '127.0.0.0/8' },
    ...{ STRIPE_WEBHOOK_SECRET: secret, HOSTILE_SECRET: secret },
  });
  const access = JSON.parse(await readFile(apiAccessFile(home), 'utf8')) as ApiAccess;
  return {
    ...access,
    paths: await fill(apiClient(access), shop.url),
    async stop() {
      await kait.stop();
      await shop.stop();
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
      },
      { id: `s${'t'.repeat(60)}`, fail: hostile, type: 'Hostile' },
    ],
    output: { said: '{{event.payment.orderId}}' },
  },
  refuse: {
    ...{ on: { event: 'payment.failed' }, onFail: 'park', defaults: { retry: { attempts: 1 } } },
    steps: [{ id: 'ask', http: '{{settings.northUrl}}/refuse', method: 'POST', body: { hostile } }],
  },
};

/** Two definitions, one of them with a test that fails, and a third that has mistakes. */
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
  return home;
}

async function fill(api: ApiClient, shop: string): Promise<string[]> {
  const { receiver } = await answerOf(api.GET('/status'));
  const address = `${shop}/${encodeURIComponent(hostile)}?${'q'.repeat(900)}`;
  const body = { url: address, patterns: ['*'], description: hostile };
  const { id: endpoint } = await answerOf(api.POST('/endpoints', { body }));
  const tested = api.POST('/endpoints/{endpoint}/test', { params: { path: { endpoint } }, body: {} });
  const { delivery } = await answerOf(tested);

  await send(receiver, 'stripe', payment('pi_plain', hostile));
  await send(receiver, 'stripe', payment(`pi_${long}`, long));
  await send(receiver, longName, payment('pi_markup_"><b>', `${hostile}\u0001`));
  await send(receiver, 'stripe', payment('pi_large', 'ORDER', { large: `${hostile} `.repeat(6_000) }));
  await send(receiver, 'stripe', payment('pi_failed', hostile, {}, 'payment_intent.payment_failed'));
  await send(receiver, 'stripe', `{"id": "<img src=x onerror=window.pwned=1>${long}`); // Signed, and unreadable.
  await fetch(`${receiver}/in/stripe`, {
    ...{ method: 'POST', body: hostile },
    headers: { 'content-type': 'text/html', 'user-agent': '<img src=x onerror=window.pwned=1>' },
  });

  await until(async () => {
    const { items } = await answerOf(api.GET('/runs', { params: { query: { limit: 50 } } }));
    return items.filter(({ state }) => state === 'approval' || state === 'parked').length >= 5;
  });
  const { items: runs } = await answerOf(api.GET('/runs', { params: { query: { limit: 50 } } }));
  const asked = await answerOf(api.GET('/approvals', { params: { query: {} } }));
  const [first] = asked.items;
  if (first === undefined) throw new Error('Nobody was asked');
  const { workflowId, step } = first;
  const by = hostile.replaceAll(/\p{C}/gu, '');
  const answer = { workflowId, step, approved: true, by, reason: hostile, via: 'api' } as const;
  await answerOf(api.POST('/approvals/answer', { body: answer }));
  await until(async () => {
    const { items } = await answerOf(api.GET('/runs', { params: { query: { limit: 50 } } }));
    return items.some((run) => run.workflowId === workflowId && run.state === 'failed');
  });
  const other = runs.find((run) => run.workflowId !== workflowId && run.state === 'approval');
  if (other === undefined) throw new Error('There is no other run');
  const params = { path: { run: other.workflowId } };
  await answerOf(api.POST('/runs/{run}/pause', { params, body: { reason: hostile, by, via: 'api' } }));
  const { items: events } = await answerOf(api.GET('/events', { params: { query: { limit: 50 } } }));
  return [
    ...events.map(({ source, eventId }) => `/events/${encodeURIComponent(source)}/${encodeURIComponent(eventId)}`),
    ...runs.map((run) => `/runs/${encodeURIComponent(run.workflowId)}`),
    ...Object.keys(definitions).flatMap((name) => [`/definitions/${name}`, `/playground?definition=${name}`]),
    ...['stripe', longName].map((name) => `/sources/${name}`),
    ...[hostile, long].map((words) => `/find?q=${encodeURIComponent(words)}`),
    ...[`/endpoints/${endpoint}`, `/deliveries/${delivery}`],
  ];
}

/** A webhook whose object has members that every object has. */
function payment(id: string, order: string, more: object = {}, type = 'payment_intent.succeeded'): string {
  const metadata = { order_id: order, [hostile]: hostile, [long]: long, constructor: hostile, ...more };
  const object = {
    ...{ id, object: 'payment_intent', amount: 2_500_000, amount_received: 2_500_000, currency: 'idr', created: 1 },
    ...{
      receipt_email: `"${hostile}"@example.id`,
      description: hostile,
      status: 'succeeded',
      livemode: true,
      metadata,
    },
    last_payment_error: { code: hostile, message: hostile },
  };
  const event = { id: `evt_${id}`, object: 'event', created: 1_767_225_590, livemode: true, type, data: { object } };
  const hidden = '"metadata":{"__proto__":{"polluted":"<b>"},"toString":"\\u0000<i>",';
  return JSON.stringify(event).replace('"metadata":{', hidden);
}

async function send(receiver: string, source: string, payload: string): Promise<void> {
  const headers = {
    ...{ 'content-type': 'application/json', 'x-hostile': '<img src=x onerror=window.pwned=1>' },
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret }),
  };
  const response = await fetch(`${receiver}/in/${source}`, { method: 'POST', headers, body: payload });
  if (!response.ok) throw new Error(`${source} has refused: ${response.status} ${await response.text()}`);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 90_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('The runs do not settle');
    await pause(250);
  }
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
