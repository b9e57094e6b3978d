import { describe, it } from 'vitest';
import { en } from '../../console/words/en.ts';
import { id } from '../../console/words/id.ts';
import { checkPage, hasBrowser, openConsole } from './browser.ts';

/* The tasks of `docs/CONSOLE.md` that no other test goes through. */

const languages = [
  ['en', en],
  ['id', id],
] as const;

describe.runIf(hasBrowser())('at night, an operator', () => {
  it('retries all runs that have failed, after a look at how many that are', async () => {
    const { page, go } = await openConsole();
    await go('/', 'Home');
    await page.locator('.need [href="/runs?state=failed"]').click();
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    await page.getByLabel('Definition').selectOption('explain-failure');
    await page.getByRole('button', { name: 'Retry all of these' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry all of these' });
    await dialog.getByText('1 run would go on.').waitFor();
    await dialog.getByLabel('Reason').fill('the bank answers again');
    await dialog.getByRole('button', { name: 'Retry all of these' }).click();
    await page.getByText('1 run goes on.').waitFor();
  });

  it('gives a definition to the runs under way', async () => {
    const { page, go } = await openConsole();
    await go('/definitions/await-payment', 'await-payment');
    await page.getByRole('button', { name: 'Give it to runs under way' }).click();
    const dialog = page.getByRole('dialog', { name: 'Give it to runs under way' });
    await dialog.getByLabel('Reason').fill('corrected the URL');
    await dialog.getByRole('button', { name: 'Give it to runs under way' }).click();
    await page.getByText('No run under way uses an earlier version.').waitFor();
  });

  it.each(languages)(
    'asks a gateway for a webhook that is missing, in the language %s',
    async (language, { sources }) => {
      const { page, go } = await openConsole({ language });
      await go('/sources/xendit', 'xendit');
      await page.getByLabel(sources.fetchId).fill('inv_missing');
      await page.getByRole('button', { name: sources.fetchAsk }).click();
      await page.getByText(sources.fetchOutcomes.unaskable).waitFor();
    },
  );

  it('sees what is rejected on a page that everybody can read', async () => {
    await checkPage(await openConsole(), '/sources/midtrans', 'midtrans');
  });
});
