import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { checkPage, consoleForTests, hasBrowser, openConsole } from './browser.ts';

function api() {
  const { url, token } = consoleForTests();
  return apiClient({ url, token });
}

/** An endpoint that has got one webhook, a test. It wants none of those that runs emit, which other files count. */
async function addTested(path: string, tenant?: string): Promise<string> {
  const body = { url: `${consoleForTests().shop}${path}`, patterns: ['nothing.of.this'], ...(tenant && { tenant }) };
  const { id } = await answerOf(api().POST('/endpoints', { body }));
  await answerOf(api().POST('/endpoints/{endpoint}/test', { params: { path: { endpoint: id } }, body: {} }));
  return id;
}

/** Has an endpoint sent again whatever it got. */
async function recover(page: Page, given: { button: string; reasonLabel: string; reason: string }): Promise<void> {
  await page.getByRole('button', { name: given.button, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: given.button });
  await dialog.getByRole('combobox').selectOption('all');
  await dialog.getByLabel(given.reasonLabel, { exact: true }).fill(given.reason);
  await dialog.getByRole('button', { name: given.button, exact: true }).click();
}

describe.runIf(hasBrowser())('the pages of replays', () => {
  it.each([
    ['en', 'Recover', 'Reason', 'completed', 'Replays'],
    ['id', 'Pulihkan', 'Alasan', 'selesai', 'Kirim ulang'],
  ] as const)(
    'show how far one is that was started at an endpoint, in the language %s',
    async (language, button, reason, completed, title) => {
      const endpoint = await addTested(`/late-${language}`);
      const console = await openConsole({ language });
      const { page, complaints } = console;
      await page.goto(`/endpoints/${endpoint}`);
      await recover(page, { button, reasonLabel: reason, reason: 'They have lost it' });
      await page.waitForURL('**/replays/rpl_*');
      await page.locator('.page-about .badge').getByText(completed, { exact: true }).waitFor();
      const { pathname } = new URL(page.url());
      await checkPage(console, pathname, /./);
      await checkPage(console, '/replays', title);
      await page.getByText('They have lost it').first().waitFor();
      expect(complaints).toEqual([]);
    },
  );

  it('say why a replay cannot be looked at', async () => {
    const { page } = await openConsole();
    await page.goto('/replays/rpl_none');
    await page.getByText('There is no such replay.').waitFor();
  });

  it('are a tenant’s own in its portal, where it starts them itself', async () => {
    await addTested('/acme', 'acme-2');
    const other = await addTested('/other', 'other-2');
    const linkOf = async (tenant: string) =>
      new URL((await answerOf(api().POST('/portal-links', { body: { tenant } }))).url);
    const theirs = apiClient({ url: consoleForTests().url, token: (await linkOf('other-2')).hash.slice(1) });
    const body = {
      endpoint: other,
      states: ['delivered' as const],
      missing: false,
      dryRun: false,
      reason: 'of others',
    };
    expect((await answerOf(theirs.POST('/replays', { body }))).total).toBe(1);
    const { page } = await openConsole({ isLoggedIn: false });
    const { pathname, hash } = await linkOf('acme-2');
    await page.goto(pathname + hash);
    await page.getByRole('link', { name: /\/acme$/ }).click();
    await recover(page, { button: 'Recover', reasonLabel: 'Reason', reason: 'of our own' });
    await page.waitForURL('**/portal/replays/rpl_*');
    await page.getByRole('navigation').getByRole('link', { name: 'Replays' }).click();
    await page.getByRole('heading', { level: 1, name: 'Replays' }).waitFor();
    await page.getByText('of our own').waitFor();
    expect(await page.locator('main tbody tr').count()).toBe(1);
  });
});
