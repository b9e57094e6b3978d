import { describe, expect, it } from 'vitest';
import { checkPage, consoleForTests, hasBrowser, openConsole, settled } from './browser.ts';

describe.runIf(hasBrowser())('the pages of runs', () => {
  it('list them, and show one that has completed and one that is parked', async () => {
    const console = await openConsole();
    await checkPage(console, '/runs', 'Runs');
    await checkPage(console, '/runs/ORDER-1001', 'fulfil');
    await checkPage(console, '/runs/ORDER-STUCK-1', 'fulfil');
  });

  it.each([
    ['parked', 'fulfil'],
    ['approval', 'decide-dispute'],
    ['waiting', 'await-payment'],
    ['failed', 'explain-failure'],
  ])('find the runs that are %s', async (state, definition) => {
    const { page, go } = await openConsole();
    await go(`/runs?state=${state}`, 'Runs');
    await settled(page);
    await page.getByRole('link', { name: definition }).first().waitFor();
  });

  it('show what a step was given, what came of it, and why a condition decided', async () => {
    const { page, go } = await openConsole();
    await go('/runs/ORDER-1001', 'fulfil');
    const waterfall = page.getByRole('list', { name: 'Waterfall' });
    await waterfall.getByRole('button', { name: /Reserve the goods/ }).click();
    await page.getByRole('heading', { name: 'Reserve the goods (reserve)' }).waitFor();
    await page.getByText('/reservations"').waitFor();
    await page.getByRole('tab', { name: 'Output' }).click();
    await page.getByText('"for ORDER-1001"').waitFor();
    await page
      .getByRole('list', { name: 'Graph' })
      .getByRole('button', { name: /Is it a large/ })
      .click();
    await page.getByRole('tab', { name: 'Why' }).click();
    await page.getByText('event.payment.amount (2500000) >= 1000000').waitFor();
  });

  it('try a parked step again, with a reason that the audit keeps', async () => {
    const { page, go } = await openConsole();
    await go('/runs/ORDER-STUCK-2', 'fulfil');
    await page.getByText('parked').first().waitFor();
    await fetch(`${consoleForTests().shop}/arrived`, { method: 'POST' });
    await page.getByRole('button', { name: 'Try again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Try again' });
    await dialog.getByText('keeps its idempotency key').waitFor();
    await dialog.getByLabel('Reason').fill('The goods have arrived');
    await dialog.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The step is tried again.').waitFor();
    await expect
      .poll(async () => {
        await page.reload();
        return page.locator('.page-about .badge').textContent();
      })
      .toBe('completed');
    await page.getByText('The goods have arrived').waitFor();
  });

  it('pause a run and have it go on, in Indonesian', async () => {
    const { page } = await openConsole({ language: 'id' });
    await page.goto('/runs/ORDER-STUCK-1');
    await page.getByRole('button', { name: 'Jeda' }).click();
    const pause = page.getByRole('dialog', { name: 'Jeda' });
    await pause.getByLabel('Alasan').fill('gudang pindah');
    await pause.getByRole('button', { name: 'Jeda' }).click();
    await page.getByText(/^Dijeda oleh .*: gudang pindah$/).waitFor();
    await page.getByRole('button', { name: 'Lanjutkan' }).click();
    const resume = page.getByRole('dialog', { name: 'Lanjutkan' });
    await resume.getByLabel('Alasan').fill('sudah pindah');
    await resume.getByRole('button', { name: 'Lanjutkan' }).click();
    await page.getByRole('button', { name: 'Jeda' }).waitFor();
  });

  it('refuse a result that is no JSON, and keep what was typed', async () => {
    const { page, go } = await openConsole();
    await go('/runs/ORDER-STUCK-1', 'fulfil');
    await page.getByRole('button', { name: 'Set the result' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set the result' });
    await dialog.getByLabel('Result, as JSON').fill('{ not json');
    await dialog.getByLabel('Reason').fill('by hand');
    await dialog.getByRole('button', { name: 'Set the result' }).click();
    await dialog.getByText(/^This is not JSON:/).waitFor();
    expect(await dialog.getByLabel('Result, as JSON').inputValue()).toBe('{ not json');
  });

  it('compare the definition of a run with the one that is served', async () => {
    const { page, go } = await openConsole();
    await go('/runs/ORDER-1001', 'fulfil');
    await page.getByText('It runs the definition that is served now.').waitFor();
  });
});
