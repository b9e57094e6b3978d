import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { eventLink } from '../../console/app/links.ts';
import { consoleForTests, hasBrowser, openConsole } from './browser.ts';
import { startProxy } from './proxy.ts';

const given: { proxy: Awaited<ReturnType<typeof startProxy>> | null } = { proxy: null };

/** Has a signed webhook arrive, and finds the link to its event. */
async function sendWebhook(): Promise<string> {
  const { url, token } = consoleForTests();
  const api = apiClient({ url, token });
  const known = await newestEvent(api);
  const params = { path: { source: 'stripe' } };
  expect((await answerOf(api.POST('/sources/{source}/test', { params, body: {} }))).status).toBe(200);
  await expect.poll(() => newestEvent(api)).not.toBe(known);
  return newestEvent(api);
}

async function newestEvent(api: ReturnType<typeof apiClient>): Promise<string> {
  const { items } = await answerOf(api.GET('/events', { params: { query: { limit: 1 } } }));
  return eventLink(items[0]!.source, items[0]!.eventId);
}

const live = (page: Page) => page.getByRole('status').getByText('Live', { exact: true });

describe.runIf(hasBrowser())('changes while a page is open', () => {
  beforeEach(async () => {
    given.proxy = await startProxy(consoleForTests().url);
  });
  afterEach(() => given.proxy?.stop());

  it('appear without loading it again, and the navigation keeps a single stream', async () => {
    const { openStreams, url } = given.proxy!;
    const { page, go, complaints } = await openConsole({ url });
    await go('/events', 'Events');
    await live(page).waitFor();
    const link = await sendWebhook();
    await page.locator(`a[href="${link}"]`).waitFor();
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    await live(page).waitFor();
    await expect.poll(openStreams).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('go on after the last that was told, once a broken connection is back', async () => {
    const { cut, openStreams, resumedAfter, url } = given.proxy!;
    const { page, go } = await openConsole({ url });
    await go('/events', 'Events');
    await live(page).waitFor();
    const first = await sendWebhook();
    await page.locator(`a[href="${first}"]`).waitFor();
    cut();
    await page.getByRole('status').getByText('Not live').waitFor();
    const second = await sendWebhook();
    await page.locator(`a[href="${second}"]`).waitFor();
    await live(page).waitFor();
    await expect.poll(openStreams).toBe(1);
    expect(resumedAfter).toEqual([undefined, expect.stringMatching(/^[\da-f-]{36}\.\d+$/)]);
  });

  it('reach eight tabs by one stream, which ends with the last of them', async () => {
    const { openStreams, url } = given.proxy!;
    const { page } = await openConsole({ url });
    const others = await Promise.all(Array.from({ length: 7 }, () => page.context().newPage()));
    const tabs = [page, ...others];
    for (const tab of tabs) {
      await tab.goto('/events');
      await live(tab).waitFor();
    }
    expect(openStreams()).toBe(1);
    const link = await sendWebhook();
    await Promise.all(tabs.map((tab) => tab.locator(`a[href="${link}"]`).waitFor()));
    await Promise.all(others.map((tab) => tab.close()));
    expect(openStreams()).toBe(1);
    await page.goto('about:blank');
    await expect.poll(openStreams).toBe(0);
  });

  it('reach each tab by a stream of its own in a browser without shared workers', async () => {
    const { openStreams, url } = given.proxy!;
    const { page } = await openConsole({ url });
    await page.context().addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
    const other = await page.context().newPage();
    for (const tab of [page, other]) {
      await tab.goto('/events');
      await live(tab).waitFor();
    }
    expect(openStreams()).toBe(2);
    const link = await sendWebhook();
    await page.locator(`a[href="${link}"]`).waitFor();
    await other.locator(`a[href="${link}"]`).waitFor();
  });
});
