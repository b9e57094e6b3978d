import { describe, expect, it } from 'vitest';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { checkPage, consoleForTests, hasBrowser, openConsole, settled } from './browser.ts';

function api() {
  const { url, token } = consoleForTests();
  return apiClient({ url, token });
}

async function addEndpoint(path: string, tenant?: string): Promise<string> {
  const body = { url: `${consoleForTests().shop}${path}`, patterns: ['order.*'], ...(tenant && { tenant }) };
  return (await answerOf(api().POST('/endpoints', { body }))).id;
}

describe.runIf(hasBrowser())('the pages of replays', () => {
  it.each([
    ['en', 'Recover', 'Reason', 'completed', 'Replays'],
    ['id', 'Pulihkan', 'Alasan', 'selesai', 'Kirim ulang'],
  ] as const)(
    'show how far one is that was started at an endpoint, in the language %s',
    async (language, recover, reason, completed, title) => {
      const endpoint = await addEndpoint(`/late-${language}`);
      const console = await openConsole({ language });
      const { page, complaints } = console;
      await page.goto(`/endpoints/${endpoint}`);
      await page.getByRole('button', { name: recover, exact: true }).click();
      const dialog = page.getByRole('dialog', { name: recover });
      await dialog.getByRole('combobox').selectOption('missing');
      await dialog.locator('input[type=datetime-local]').fill('2020-01-01T00:00');
      await dialog.getByLabel(reason, { exact: true }).fill('It was added late');
      await dialog.getByRole('button', { name: recover, exact: true }).click();
      await page.waitForURL('**/replays/rpl_*');
      await page.locator('.page-about .badge').getByText(completed, { exact: true }).waitFor();
      const { pathname } = new URL(page.url());
      await checkPage(console, pathname, /./);
      await checkPage(console, '/replays', title);
      await page.getByText('It was added late').first().waitFor();
      expect(complaints).toEqual([]);
    },
  );

  it('say why a replay cannot be looked at', async () => {
    const { page } = await openConsole();
    await page.goto('/replays/rpl_none');
    await page.getByText('There is no such replay.').waitFor();
  });

  it('are a tenant’s own in its portal', async () => {
    const { acme, other } = {
      acme: await addEndpoint('/acme', 'acme-2'),
      other: await addEndpoint('/other', 'other-2'),
    };
    for (const endpoint of [acme, other]) {
      const tested = api().POST('/endpoints/{endpoint}/test', { params: { path: { endpoint } }, body: {} });
      await answerOf(tested);
      const body = {
        endpoint,
        states: ['delivered' as const],
        missing: false,
        dryRun: false,
        reason: `of ${endpoint}`,
      };
      await answerOf(api().POST('/replays', { body }));
    }
    const { url } = await answerOf(api().POST('/portal-links', { body: { tenant: 'acme-2' } }));
    const { page } = await openConsole({ isLoggedIn: false });
    await page.goto(url.replace(/^https?:\/\/[^/]+/, ''));
    await page.getByRole('navigation').getByRole('link', { name: 'Replays' }).click();
    await page.getByRole('heading', { level: 1, name: 'Replays' }).waitFor();
    await settled(page);
    expect(await page.getByText(`of ${other}`).count()).toBe(0);
  });
});
