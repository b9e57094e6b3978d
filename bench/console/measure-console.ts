import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium as playwright, type Browser } from 'playwright-core';
import { answerOf, type ApiClient, apiClient } from '../../cli/api-client.ts';
import { type Cleanup, createCleanup } from '../../cli/compose/cleanup.ts';
import { packagePath } from '../../package-path.ts';
import { findChromium } from '../../test/console/filled-kait.ts';
import { longDefinition, longSteps } from '../../test/console/long-definition.ts';
import { buildOnce } from '../../test/services/build-once.ts';
import { startPostgres } from '../../test/services/postgres.ts';
import { type ChildProgram, startChildProgram } from '../child-program.ts';
import { rounded, type Report } from '../report.ts';
import { median } from '../rounds.ts';
import { createStripeWebhooks, stripeSecret } from '../stripe-payments.ts';
import { fillStatements } from './fill-console.ts';
import type { KaitToLookAt } from './kait-to-look-at.ts';
import { measureLongRun } from './measure-long-run.ts';
import { type ListPage, listPages } from './list-pages.ts';

const sizes = { events: 100_000, runs: 20_000, deliveries: 20_000, approvals: 2_000 };
/** Webhooks that are really sent after the filling, so that the newest page of runs is of runs that Temporal knows. */
const webhooks = 120;
const token = 'bench-admin-token-of-the-console-0123456789';
const settleMs = 60_000;
/** Of an answer of the API, and of a page until its rows are there. */
const mostMs = 300;

type Kait = ChildProgram<KaitToLookAt, string[], null>;

/** How long the lists of the console take when there is much to show, on both databases, and how long a run of 2,000 steps. */
export async function measureConsole(options: { repeats: number; report: (line: string) => void }): Promise<Report[]> {
  const cleanup = createCleanup();
  try {
    await buildOnce();
    const folder = await mkdtemp(join(tmpdir(), 'kait-bench-console-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true }));
    const postgres = await startPostgres();
    cleanup.add(() => postgres.stop());
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error('The console is measured in Chromium, and there is none');
    const browser = await playwright.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
    cleanup.add(() => browser.close());
    const reports: Report[] = [];
    for (const database of ['PGlite', 'PostgreSQL'] as const) {
      const url = database === 'PostgreSQL' ? await postgres.createDatabase('console') : undefined;
      reports.push(...(await measureOn({ database, url, folder, browser }, options)));
    }
    return reports;
  } finally {
    await cleanup.run();
  }
}

async function measureOn(
  on: { database: string; url: string | undefined; folder: string; browser: Browser },
  { repeats, report }: { repeats: number; report: (line: string) => void },
): Promise<Report[]> {
  const cleanup = createCleanup();
  try {
    const kait = await startKait(on, cleanup);
    const api = apiClient({ url: kait.ready.adminUrl, token });
    report(`${on.database}: filling ${sizes.events} events and ${sizes.runs} runs`);
    const endpoints = await addEndpoints(api);
    await kait.ask(fillStatements({ ...sizes, endpoints, installation: kait.ready.installation }));
    report(`${on.database}: sending ${webhooks} webhooks`);
    await sendWebhooks(kait.ready.url);
    await untilRun(api);
    const lists = await measureLists({ ...on, kait: kait.ready }, { repeats, report });
    report(`${on.database}: running ${longSteps} steps, four times`);
    const long = await measureLongRun({ ...on, api, adminUrl: kait.ready.adminUrl, token }, { repeats });
    return [lists, long];
  } finally {
    await cleanup.run();
  }
}

async function startKait(
  { database, url, folder }: { database: string; url: string | undefined; folder: string },
  cleanup: Cleanup,
): Promise<Kait> {
  const home = join(folder, database);
  const definitions = join(home, 'definitions');
  await mkdir(home);
  await cp(packagePath('definitions'), definitions, { recursive: true });
  await writeFile(join(definitions, 'workflows/long.json'), JSON.stringify(longDefinition()));
  const kait: Kait = await startChildProgram({
    module: new URL('./kait-to-look-at.ts', import.meta.url),
    settings: null,
    outputFile: join(home, 'kait.log'),
    environment: {
      ...{ KAIT_HOME: join(home, 'data'), KAIT_DEFINITIONS: definitions, KAIT_PORT: '0', KAIT_ADMIN_PORT: '0' },
      ...{ KAIT_ADMIN_TOKEN: token, KAIT_OUTBOUND_ALLOW: '127.0.0.0/8', STRIPE_WEBHOOK_SECRET: stripeSecret },
      ...(url !== undefined && { DATABASE_URL: url }),
    },
  });
  cleanup.add(() => kait.stop());
  return kait;
}

async function addEndpoints(api: ApiClient): Promise<string[]> {
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    // Nobody emits this type, so nothing is sent there.
    const body = { url: `http://127.0.0.1:9/${name}`, patterns: ['nothing.of.this'] };
    ids.push((await answerOf(api.POST('/endpoints', { body }))).id);
  }
  const [, paused = ''] = ids;
  const params = { path: { endpoint: paused }, header: { 'If-Match': '"1"' } };
  await answerOf(api.POST('/endpoints/{endpoint}/pause', { params, body: {} }));
  return ids;
}

async function sendWebhooks(url: string): Promise<void> {
  const webhookAt = createStripeWebhooks('payment_intent.succeeded', 'console');
  for (let index = 0; index < webhooks; index += 1) {
    const { headers, body } = webhookAt(index, Date.now());
    const response = await fetch(`${url}/in/stripe`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`Kait answered ${response.status}`);
  }
}

/** Until none of the newest runs is under way. */
async function untilRun(api: ApiClient): Promise<void> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const { items } = await answerOf(api.GET('/runs', { params: { query: { limit: webhooks } } }));
    if (items.every(({ state }) => state === 'completed')) return;
    if (performance.now() > deadline) throw new Error(`Runs do not end: ${JSON.stringify(items[0])}`);
    await pause(500);
  }
}

interface Times {
  apiMs: number[];
  pageMs: number[];
}

async function measureLists(
  { database, browser, kait }: { database: string; browser: Browser; kait: KaitToLookAt },
  { repeats, report }: { repeats: number; report: (line: string) => void },
): Promise<Report> {
  const times = new Map<ListPage, Times>(listPages.map((page) => [page, { apiMs: [], pageMs: [] }]));
  const context = await browser.newContext({ baseURL: kait.adminUrl, viewport: { width: 1280, height: 900 } });
  try {
    const headers = { origin: kait.adminUrl, 'sec-fetch-site': 'same-origin' };
    await context.request.post('/session', { data: { token }, headers });
    const page = await context.newPage();
    // One round more, which is not counted: it fills caches.
    for (let round = 0; round <= repeats * 2; round += 1) {
      report(`${database}: the lists, round ${round}`);
      for (const [list, { apiMs, pageMs }] of times) {
        const asked = await timed(() => ask(kait.adminUrl, list.api));
        const shown = await timed(async () => {
          await page.goto(list.path, { waitUntil: 'commit' });
          await page.locator(list.rows).first().waitFor();
        });
        if (round === 0) continue;
        apiMs.push(asked);
        pageMs.push(shown);
      }
    }
  } finally {
    await context.close();
  }
  const rows = [...times].map(([{ path, api }, { apiMs, pageMs }]) => [
    ...[path, api, rounded(median(apiMs)), rounded(Math.max(...apiMs))],
    ...[rounded(median(pageMs)), rounded(Math.max(...pageMs))],
  ]);
  const slowest = Math.max(...[...times.values()].map(({ apiMs }) => median(apiMs)));
  return {
    title: `console: its lists, on ${database}`,
    notes: [
      `${sizes.events} events, ${sizes.runs} runs, ${sizes.deliveries} deliveries and ${sizes.approvals} approvals in ${database}, in \`kait up\`; the newest ${webhooks} runs are known to Temporal.`,
      'The page is loaded anew in Chromium, with its files in the browser’s cache, until its first row shows. Median and most, in ms.',
    ],
    headings: ['page', 'request', 'API ms', 'most', 'page ms', 'most'],
    rows,
    targets: [{ what: 'The slowest answer of a list', measured: slowest, unit: ' ms', atMost: mostMs }],
  };
}

async function ask(adminUrl: string, path: string): Promise<void> {
  const response = await fetch(`${adminUrl}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
