import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { answerOf, type ApiClient } from '../../../cli/api-client.ts';
import type { FilledKait } from '../filled-kait.ts';
import { mailedLink } from '../mailed-link.ts';
import type { Viewer } from '../viewer.ts';

/** A picture of the console for the documentation. */
export interface Picture {
  /** Of its file, without the ending. */
  name: string;
  viewer?: Viewer;
  /** A tenant and a stranger have no session. */
  isLoggedIn?: boolean;
  /** Goes there, and waits until the page shows what the picture is about. */
  show: (page: Page, of: { kait: FilledKait; api: ApiClient }) => Promise<unknown>;
}

const paidEvent = '/events/stripe/pi_3Rk9ToKoKopi0001ZyXwVuTs%3Asucceeded';

export const pictures: readonly Picture[] = [
  { name: 'home', show: (page) => page.goto('/') },
  {
    name: 'story',
    async show(page) {
      await page.goto('/find?q=ORDER-1001');
      await page.locator('.chapter.run').getByText('completed').first().waitFor();
    },
  },
  {
    name: 'story-in-indonesian',
    viewer: { language: 'id' },
    async show(page) {
      await page.goto('/find?q=ORDER-1001');
      await page.locator('.chapter.run').getByText('selesai').first().waitFor();
    },
  },
  {
    name: 'event',
    viewer: { width: 1440 },
    async show(page) {
      await page.goto(paidEvent);
      await page.getByRole('button', { name: /^payment\.amount/ }).hover();
      await page.locator('.json .lit').waitFor();
    },
  },
  {
    name: 'run',
    viewer: { width: 1440, height: 1000 },
    async show(page) {
      await page.goto('/runs/ORDER-STUCK-1');
      await page.getByRole('button', { name: 'Set the result' }).waitFor();
    },
  },
  {
    name: 'run-dark',
    viewer: { width: 1440, height: 1000, theme: 'dark' },
    async show(page) {
      await page.goto('/runs/ORDER-1001');
      await page
        .getByRole('list', { name: 'Waterfall' })
        .getByRole('button', { name: /Is it a large/ })
        .click();
      await page.getByRole('tab', { name: 'Why' }).click();
    },
  },
  {
    name: 'playground',
    viewer: { width: 1440 },
    async show(page) {
      const file = join(import.meta.dirname, '..', 'workflows', 'fulfil.json');
      const changed = (await readFile(file, 'utf8')).replace('1000000', '3000000');
      await page.goto('/playground?definition=fulfil');
      await page.locator('.cm-content').first().fill(changed);
      await page.getByRole('tab', { name: 'What if' }).click();
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByText(/events would be different/).waitFor();
      await page.mouse.move(0, 0);
    },
  },
  {
    name: 'source',
    async show(page) {
      await page.goto('/sources/midtrans');
      await page.locator('main .note').first().waitFor();
    },
  },
  {
    name: 'workbench',
    async show(page, { kait }) {
      const body = JSON.stringify({ id: 'evt_1', type: 'payment_intent.succeeded' }, null, 2);
      await page.goto('/sources/stripe');
      await page.getByRole('button', { name: 'Check a request' }).click();
      await page
        .getByLabel('Headers')
        .fill(`host: ${new URL(kait.receiver).host}\nstripe-signature: t=1764325200,v1=${'0'.repeat(64)}`);
      await page.getByLabel('Body', { exact: true }).fill(body);
      await page.getByRole('button', { name: 'Check', exact: true }).click();
      await page.locator('dialog[open] .note').first().scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'endpoint',
    async show(page, { api }) {
      const { items } = await answerOf(api.GET('/endpoints', { params: { query: {} } }));
      const { id } = items.find(({ url }) => url.endsWith('/orders'))!;
      await page.goto(`/endpoints/${id}`);
    },
  },
  {
    name: 'portal',
    isLoggedIn: false,
    async show(page, { api, kait }) {
      const body = {
        url: `${kait.shop}/orders`,
        patterns: ['order.*'],
        tenant: 'acme',
        description: 'Stock in Bandung',
      };
      const { id } = await answerOf(api.POST('/endpoints', { body }));
      await answerOf(api.POST('/endpoints/{endpoint}/test', { params: { path: { endpoint: id } }, body: {} }));
      const { url } = await answerOf(api.POST('/portal-links', { body: { tenant: 'acme' } }));
      await page.goto(url.replace(/^https?:\/\/[^/]+/, ''));
      await page.locator('main tbody tr').waitFor();
    },
  },
  {
    name: 'approval-on-a-phone',
    viewer: { width: 390, height: 780, scale: 2 },
    isLoggedIn: false,
    show: async (page, { kait }) => page.goto(await mailedLink(kait)),
  },
];
