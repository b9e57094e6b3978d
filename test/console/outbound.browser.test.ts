import { beforeAll, describe, expect, it } from 'vitest';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { checkPage, consoleForTests, hasBrowser, openConsole, settled } from './browser.ts';

const hostile = '<img src=x onerror=alert(1)>\u202e🪝{{7*7}}';
const added: { endpoint: string; delivery: string } = { endpoint: '', delivery: '' };

describe.runIf(hasBrowser())('the pages of outbound webhooks', () => {
  beforeAll(async () => {
    const { url, token, shop } = consoleForTests();
    const api = apiClient({ url, token });
    const body = { url: `${shop}/webhooks`, patterns: ['order.*'], description: hostile };
    const { id } = await answerOf(api.POST('/endpoints', { body }));
    const tested = api.POST('/endpoints/{endpoint}/test', { params: { path: { endpoint: id } }, body: {} });
    Object.assign(added, { endpoint: id, delivery: (await answerOf(tested)).delivery });
  });

  it('list endpoints', async () => {
    const console = await openConsole();
    await checkPage(console, '/endpoints', 'Endpoints');
    await console.page.getByText(hostile).waitFor();
    expect(await console.page.locator('main img').count()).toBe(0);
  });

  it('show one endpoint', async () => {
    const console = await openConsole();
    await checkPage(console, `/endpoints/${added.endpoint}`, /\/webhooks$/);
    const { free, typeWidth } = await console.page.locator('main table').evaluate((table: HTMLTableElement) => {
      const room = table.parentElement!.clientWidth;
      const [type] = table.querySelectorAll('td');
      return { free: room - table.offsetWidth, typeWidth: type?.offsetWidth ?? 0 };
    });
    expect([free, typeWidth > 150]).toEqual([0, true]);
  });

  it('show one delivery with its request and the answer', async () => {
    const console = await openConsole();
    await checkPage(console, `/deliveries/${added.delivery}`, 'kait.test');
    await console.page.getByText('reservation').waitFor();
  });

  it('list deliveries and event types', async () => {
    const console = await openConsole();
    await checkPage(console, '/deliveries', 'Deliveries');
    await checkPage(console, '/event-types', 'Event types');
    await console.page.getByText('kait.test').click();
    await console.page.getByRole('tab', { name: 'Schema' }).click();
  });

  it.each([
    ['en', 'Add an endpoint', 'URL', 'Done', 'Pause', 'Resume', 'Remove'],
    ['id', 'Tambah endpoint', 'Alamat (URL)', 'Selesai', 'Jeda', 'Lanjutkan', 'Hapus'],
  ] as const)(
    'add an endpoint, show its secret once, pause and remove it, in the language %s',
    async (language, add, url, done, pause, resume, remove) => {
      const { page } = await openConsole({ language });
      await page.goto('/endpoints');
      await page.getByRole('button', { name: add }).click();
      const dialog = page.locator('dialog[open]');
      await dialog.getByLabel(url).fill(`${consoleForTests().shop}/added-${language}`);
      await dialog.getByRole('button', { name: add }).click();
      await page.getByText(/^whsec_/).waitFor();
      await dialog.getByRole('button', { name: done }).click();
      await page.waitForURL('**/endpoints/ep_*');
      expect(await page.getByText(/^whsec_/).count()).toBe(0);
      await page.getByRole('button', { name: pause }).click();
      await dialog.getByRole('button', { name: pause }).click();
      await page.getByRole('button', { name: resume }).waitFor();
      await page.getByRole('button', { name: remove }).click();
      await dialog.getByRole('button', { name: remove }).click();
      await page.waitForURL('**/endpoints');
      await settled(page);
      expect(await page.getByText(`/added-${language}`).count()).toBe(0);
    },
  );
});
