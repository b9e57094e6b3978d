import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { pages } from '../../console/app/pages.ts';
import {
  consoleForTests,
  followLink,
  hasBrowser,
  nextFrame,
  openConsole,
  overflow,
  settled,
  violations,
  windows,
} from './browser.ts';

/* Every page while nothing is there yet, when it cannot be had, and when there is nothing. */

const lists = ['approvals', 'events', 'definitions', 'runs', 'sources', 'rejections', 'endpoints', 'deliveries'];
const emptyLists = [...lists, 'replays', 'event-types', 'audit', 'find'];
const away = { type: 'about:blank', title: 'Away', status: 503, code: 'unavailable', detail: 'The database is away.' };

/** What becomes of the requests of a page: they wait, fail, are answered without a single item, or as they should be. */
type Mode = 'hold' | 'fail' | 'empty' | 'pass';

async function intercept(page: Page): Promise<{ set: (mode: Mode) => Promise<void> }> {
  let mode: Mode = 'pass';
  let held: Route[] = [];
  const answer = async (route: Route): Promise<unknown> => {
    if (mode === 'fail') return route.fulfill({ status: 503, json: away });
    if (mode === 'pass' || route.request().method() !== 'GET') return route.continue();
    const response = await route.fetch();
    const json = (await response.json()) as Record<string, unknown>;
    return route.fulfill({ response, json: 'items' in json ? { ...json, ...withoutItems(json) } : json });
  };
  await page.route(/\/api\/v1\/(?!changes)/, (route) => {
    if (mode !== 'hold') return answer(route).catch(() => undefined); // The page has gone meanwhile.
    held.push(route);
    return undefined;
  });
  return {
    async set(next) {
      mode = next;
      if (mode === 'hold') return;
      const waiting = held;
      held = [];
      await Promise.all(waiting.map((route) => answer(route).catch(() => undefined)));
    },
  };
}

function withoutItems(answer: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, Array.isArray(value) ? [] : null]));
}

/** Of every page of the console one path. */
async function pathsOfAll(page: Page): Promise<string[]> {
  const first = async (path: string) => {
    const { items } = (await (await page.request.get(`/api/v1${path}`)).json()) as { items: Record<string, string>[] };
    if (items[0] === undefined) throw new Error(`There is nothing at ${path}`);
    return items[0];
  };
  const [event, endpoint, delivery] = await Promise.all(
    ['/events', '/endpoints', '/deliveries'].map((path) => first(`${path}?limit=1`)),
  );
  const paths: Record<string, string> = {
    '/find': '/find?q=ORDER-1001',
    '/events/:source/:event': `/events/${event?.source}/${event?.eventId}`,
    '/definitions/:definition': '/definitions/fulfil',
    '/playground': '/playground?definition=fulfil',
    '/runs/:run': '/runs/ORDER-1001',
    '/sources/:source': '/sources/stripe',
    '/endpoints/:endpoint': `/endpoints/${endpoint?.id}`,
    '/deliveries/:delivery': `/deliveries/${delivery?.id}`,
    '/replays/:replay': `/replays/${await startReplay()}`,
  };
  return pages.map(({ path }) => paths[path] ?? path);
}

/** Of an endpoint of its own, which has had one webhook. */
async function startReplay(): Promise<string> {
  const { shop, ...access } = consoleForTests();
  const api = apiClient(access);
  const { id } = await answerOf(
    api.POST('/endpoints', { body: { url: `${shop}/states`, patterns: ['none.of.this'] } }),
  );
  await answerOf(api.POST('/endpoints/{endpoint}/test', { params: { path: { endpoint: id } }, body: {} }));
  const body = { endpoint: id, states: ['delivered' as const], missing: false, dryRun: false, reason: 'to look at it' };
  return (await answerOf(api.POST('/replays', { body }))).id ?? '';
}

describe.runIf(hasBrowser())('every page', () => {
  it('says that it loads, why it cannot, and comes back when it is asked to try again', async () => {
    const { page, complaints } = await openConsole();
    const paths = await pathsOfAll(page);
    const requests = await intercept(page);
    const found: string[] = [];
    const alerts = page.locator('main [role=alert]');
    await page.goto('/no/such/page');
    for (const path of paths) {
      await requests.set('hold');
      await page.evaluate((to) => history.pushState(null, '', to), path);
      await page.locator('main [role=status]').first().waitFor();
      await requests.set('fail');
      await alerts.getByText(away.detail).first().waitFor();
      found.push(...(await problems(page)).map((problem) => `${path}, failed: ${problem}`));
      await requests.set('pass');
      await expect.poll(() => tryAgain(page), { message: path }).toBe(0);
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
    await requests.set('fail');
    await page.goto('/runs/one');
    await alerts.getByText(away.detail).first().waitFor();
    found.push(...(await violations(page)));
    const unforeseen = complaints.filter((complaint) => !complaint.includes('503 (Service Unavailable)'));
    expect({ found, unforeseen }).toEqual({ found: [], unforeseen: [] });
  }, 120_000);

  it('that lists something says so when there is nothing', async () => {
    const { page, complaints } = await openConsole();
    const requests = await intercept(page);
    await requests.set('empty');
    const found: string[] = [];
    await page.goto('/no/such/page');
    for (const path of emptyLists) {
      await followLink(page, `/${path}`);
      await page.locator('main .empty').first().waitFor();
      found.push(...(await problems(page)).map((problem) => `${path}, empty: ${problem}`));
    }
    found.push(...(await violations(page)));
    expect({ found, complaints }).toEqual({ found: [], complaints: [] });
  });
});

async function problems(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const size of windows) {
    await page.setViewportSize(size);
    await nextFrame(page);
    found.push(...(await overflow(page)));
  }
  return found;
}

/** Presses the first button that offers it. How many there are now. */
async function tryAgain(page: Page): Promise<number> {
  const buttons = page.locator('main [role=alert]').getByRole('button', { name: 'Try again' });
  // A change that is told meanwhile has the page ask by itself, and takes the button away.
  if (await buttons.first().isVisible())
    await buttons
      .first()
      .click({ timeout: 500 })
      .catch(() => undefined);
  await settled(page);
  return buttons.count();
}
