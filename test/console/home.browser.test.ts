import { describe, it } from 'vitest';
import { checkPage, hasBrowser, openConsole } from './browser.ts';

describe.runIf(hasBrowser())('the pages of home, search and approvals', () => {
  it.each([1280, 360])('show what there is, at %i pixels', async (width) => {
    const console = await openConsole({ width });
    await checkPage(console, '/', 'Home');
    await checkPage(console, '/find?q=ORDER-STUCK-1', 'Story of ORDER-STUCK-1');
    await checkPage(console, '/approvals', 'Approvals');
  });

  it.each([
    ['en', 'Story of ORDER-STUCK-1', 'was started'],
    ['id', 'Kisah ORDER-STUCK-1', 'dimulai'],
  ] as const)('tell the story of an order, in the language %s', async (language, heading, started) => {
    const { page, go } = await openConsole({ language });
    await go('/find?q=ORDER-STUCK-1', heading);
    await page.locator('.chapter.event').getByText('payment.succeeded').waitFor();
    await page.locator('.chapter.run').getByText(started).waitFor();
  });
});
