import { describe, expect, it } from 'vitest';
import { checkPage, hasBrowser, openConsole } from './browser.ts';

describe.runIf(hasBrowser())('the pages of sources', () => {
  it('list them, and show one', async () => {
    const console = await openConsole();
    await checkPage(console, '/sources', 'Sources');
    await checkPage(console, '/sources/stripe', 'stripe');
  });

  it.each([
    ['en', 'Send a signed test', 'HTTP 200'],
    ['id', 'Kirim tes bertanda tangan', 'HTTP 200'],
  ] as const)('send a signed test, in the language %s', async (language, send, outcome) => {
    const { page } = await openConsole({ language });
    await page.goto('/sources/stripe');
    await page.getByRole('button', { name: send }).click();
    await page.locator('main .note.ok').getByText(outcome).waitFor();
  });

  it.each([
    ['en', 'Check a request', 'Headers', 'Body', 'Check', 'missing-signature'],
    ['id', 'Periksa permintaan', 'Header permintaan', 'Isi', 'Periksa', 'missing-signature'],
  ] as const)(
    'say why a pasted request is not genuine, in the language %s',
    async (language, open, headers, body, check, reason) => {
      const { page } = await openConsole({ language });
      await page.goto('/sources/stripe');
      await page.getByRole('button', { name: open }).click();
      await page.getByLabel(headers).fill('content-type: application/json');
      await page.getByLabel(body, { exact: true }).fill('{"id": "<img src=x onerror=alert(1)>"}');
      await page.getByRole('button', { name: check, exact: true }).click();
      await page.getByText(reason).waitFor();
      expect(await page.locator('dialog img').count()).toBe(0);
    },
  );

  it.each([
    ['en', 'Add a source', 'Id of the key'],
    ['id', 'Tambah sumber', 'Id kunci'],
  ] as const)(
    'ask for the id of a key where the gateway has several, in the language %s',
    async (language, add, id) => {
      const { page } = await openConsole({ language });
      await page.goto('/sources');
      await page.getByRole('button', { name: add }).click();
      await page.getByLabel('Gateway').selectOption('klarna');
      await page.getByLabel(id).fill('krn:partner:7');
      await page.getByText('--key krn:partner:7=KLARNA_KEY').waitFor();
    },
  );

  it('lead through adding one', async () => {
    const { page } = await openConsole();
    await page.goto('/sources');
    await page.getByRole('button', { name: 'Add a source' }).click();
    await page.getByLabel('Gateway').selectOption('stripe');
    await page.getByText('kait sources add stripe-2 --gateway stripe').waitFor();
  });
});
