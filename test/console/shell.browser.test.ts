import { describe, expect, it } from 'vitest';
import { checkPage, consoleForTests, hasBrowser, openConsole } from './browser.ts';

describe.runIf(hasBrowser())('the shell', () => {
  it('logs in by a token, refuses a wrong one, comes back to the page that was wanted, and logs out', async () => {
    const { page } = await openConsole({ isLoggedIn: false });
    await page.goto('/runs');
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Kait does not know this token.').waitFor();
    await page.getByLabel('Token').fill(consoleForTests().token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Token').waitFor();
    await page.reload();
    await page.getByLabel('Token').waitFor();
  });

  it('keeps the chosen language and theme', async () => {
    const { page, go } = await openConsole();
    await go('/events', 'Events');
    await page.getByLabel('Language').selectOption('id');
    await page.getByRole('link', { name: 'Run', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Tema: Ikuti sistem' }).click();
    await page.getByRole('button', { name: 'Tema: Terang' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Tema: Gelap' }).waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await page.locator('html').getAttribute('lang')).toBe('id');
  });

  it('speaks the language of the browser', async () => {
    const { page, go } = await openConsole({ language: 'id' });
    await go('/events', 'Event');
    expect(await page.title()).toBe('Event · Kait');
  });

  it('goes along rows with j and k, opens one with Enter, searches with /, and helps with ?', async () => {
    const { page, go } = await openConsole();
    await go('/events?state=dispatched&source=stripe', 'Events'); // Other files send tests, and start runs by hand.
    await page.locator('main [data-row]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(
      await page
        .locator('main [data-row]')
        .first()
        .evaluate((row) => row === document.activeElement),
    ).toBe(true);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('jk');
    expect(await page.getByRole('searchbox').inputValue()).toBe('jk');
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /^[a-z]+\.[a-z]+/ }).waitFor();
  });

  it('keeps the navigation behind a button on narrow screens', async () => {
    const { page, go } = await openConsole({ width: 360 });
    await go('/events', 'Events');
    const link = page.getByRole('navigation').getByRole('link', { name: 'Runs' });
    expect(await link.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Menu' }).click();
    await link.click();
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    expect(await link.isVisible()).toBe(false);
  });

  it('says that a viewer has no right to something, and does not offer to try again', async () => {
    const { page } = await openConsole();
    const json = { title: 'Forbidden', status: 403, code: 'forbidden', detail: 'This needs the scope operate.' };
    await page.route('**/api/v1/audit*', (route) => route.fulfill({ status: 403, json }));
    await page.goto('/audit');
    const told = page.getByRole('alert');
    await told.getByText('You are not allowed to do this').waitFor();
    await told.getByText('This needs the scope operate.').waitFor();
    expect(await told.getByRole('button').count()).toBe(0);
  });

  it('says that a page does not exist', async () => {
    await checkPage(await openConsole(), '/no/such/page', 'There is no such page');
  });

  it('is under 250 kB at first', async () => {
    const { page, go } = await openConsole();
    await go('/events', 'Events');
    const bytes = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.includes('/assets/'))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    );
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(250_000);
  });
});
