import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { answerOf, type ApiClient } from '../../cli/api-client.ts';
import { longSteps } from '../../test/console/long-definition.ts';
import { rounded, type Report } from '../report.ts';
import { median } from '../rounds.ts';

const settleMs = 120_000;

/** Runs the long definition once, and looks at its page: until it is open, while it is scrolled, and from a click until a step's panel shows. */
export async function measureLongRun(
  {
    database,
    browser,
    api,
    adminUrl,
    token,
  }: { database: string; browser: Browser; api: ApiClient; adminUrl: string; token: string },
  { repeats }: { repeats: number },
): Promise<Report> {
  const run = await runOnce(api);
  const context = await browser.newContext({ baseURL: adminUrl, viewport: { width: 1440, height: 900 } });
  const times: Record<string, number[]> = {};
  const note = (what: string, ms: number) => void (times[what] ??= []).push(ms);
  try {
    const headers = { origin: adminUrl, 'sec-fetch-site': 'same-origin' };
    await context.request.post('/session', { data: { token }, headers });
    const page = await context.newPage();
    for (let round = 0; round <= repeats; round += 1) {
      const measured = await lookAt(page, run, { adminUrl, token });
      if (round > 0) for (const [what, ms] of Object.entries(measured)) note(what, ms);
    }
  } finally {
    await context.close();
  }
  return {
    title: `console: a run of 2,000 steps, on ${database}`,
    notes: [
      `A loop with ${longSteps - 1} steps, passed four times. In Chromium, with the page’s files in its cache. The longest frame is the longest time between two pictures while the waterfall is scrolled from end to end.`,
    ],
    headings: ['what', 'median ms', 'most ms'],
    rows: Object.entries(times).map(([what, ms]) => [what, rounded(median(ms)), rounded(Math.max(...ms))]),
    targets: [
      { what: 'A click shows a step', measured: median(times['a click shows a step'] ?? []), unit: ' ms', atMost: 300 },
    ],
  };
}

async function runOnce(api: ApiClient): Promise<string> {
  const params = { path: { definition: 'long' } };
  const { run } = await answerOf(
    api.POST('/definitions/{definition}/runs', { params, body: { input: {}, reason: 'bench' } }),
  );
  const deadline = performance.now() + settleMs;
  for (;;) {
    const found = await answerOf(api.GET('/runs/{run}', { params: { path: { run } } })).catch(() => null);
    if (found?.status === 'COMPLETED') return run;
    if (performance.now() > deadline)
      throw new Error(`The long run does not end: ${found?.status ?? 'it was not started'}`);
    await pause(500);
  }
}

async function lookAt(
  page: Page,
  run: string,
  { adminUrl, token }: { adminUrl: string; token: string },
): Promise<Record<string, number>> {
  const asked = await timed(async () => {
    const response = await fetch(`${adminUrl}/api/v1/runs/${encodeURIComponent(run)}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await response.arrayBuffer();
  });
  const row = (id: number) => page.locator('.waterfall-row', { hasText: new RegExp(`^Step ${id}(?!\\d)`) });
  const openedAt = performance.now();
  await page.goto(`/runs/${encodeURIComponent(run)}`, { waitUntil: 'commit' });
  await page.locator('.waterfall-row').first().waitFor();
  const waterfall = performance.now() - openedAt;
  await page.locator('.graph-node').first().waitFor();
  const graph = performance.now() - openedAt;
  const frame = await page.evaluate<number>(longestFrame);
  const clicked = await timed(async () => {
    await row(longSteps - 1).dispatchEvent('click');
    await page.getByRole('heading', { name: `Step ${longSteps - 1} (s${longSteps - 1})` }).waitFor();
  });
  const inGraph = await timed(async () => {
    await page.locator('.graph-node button', { hasText: 's250: Step 250' }).first().dispatchEvent('click');
    await page.getByRole('heading', { name: 'Step 250 (s250)' }).waitFor();
  });
  return {
    'the API answers': asked,
    'the waterfall shows': waterfall,
    'the graph shows': graph,
    'the longest frame while scrolling': frame,
    'a click shows a step': clicked,
    'a click in the graph shows a step': inGraph,
  };
}

/** Runs in the page, as it is: the longest time between two pictures while the waterfall is scrolled from its beginning to its end within 60 of them. */
const longestFrame = `(async () => {
  const list = document.querySelector('.waterfall');
  const picture = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let before = await picture();
  let longest = 0;
  for (let step = 1; step <= 60; step += 1) {
    list.scrollTop = (list.scrollHeight * step) / 60;
    const at = await picture();
    longest = Math.max(longest, at - before);
    before = at;
  }
  return longest;
})()`;

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
