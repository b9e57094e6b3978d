import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../package-path.ts';
import { checkPage, consoleForTests, hasBrowser, openConsole, settled } from './browser.ts';

describe.runIf(hasBrowser())('the pages of home, search and approvals', () => {
  it('show what there is', async () => {
    const console = await openConsole();
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

  it.each([
    ['en', 'Duplicate', 'was sent again', 'A request was rejected by', 'Anybody may have sent them'],
    ['id', 'Duplikat', 'dikirim lagi', 'Sebuah permintaan ditolak oleh', 'Siapa pun mungkin mengirimnya'],
  ] as const)(
    'tell what was sent again and what was rejected, from where and why, in the language %s',
    async (language, duplicate, again, rejected, warning) => {
      await sendForged();
      const { page, complaints } = await openConsole({ language });
      await expect
        .poll(
          async () => {
            await page.goto('/find?q=ORDER-1001');
            await settled(page);
            return page.locator('.chapter.rejection').count();
          },
          { timeout: 20_000, interval: 500 },
        )
        .toBeGreaterThan(0);
      const redelivery = page.locator('.chapter.redelivery').first();
      await redelivery.getByText(again).waitFor();
      await redelivery.getByText('127.0.0.1').waitFor();
      await redelivery.getByText(duplicate).waitFor();
      const rejection = page.locator('.chapter.rejection').first();
      await rejection.getByText(rejected).waitFor();
      await rejection.getByText('127.0.0.1').waitFor();
      await rejection.getByText('wrong-signature').waitFor();
      await rejection.getByText('The secret differs from the dashboard’s').waitFor();
      await page.getByText(warning).waitFor();
      expect(complaints).toEqual([]);
    },
  );
});

/** Says that it is about an order, and is signed with a secret that nobody has. */
async function sendForged(): Promise<void> {
  const sample = packagePath('definitions/gateways/samples/stripe/payment_intent.succeeded.json');
  const headers = {
    'content-type': 'application/json',
    'stripe-signature': `t=${Math.floor(Date.now() / 1_000)},v1=${'0'.repeat(64)}`,
  };
  const response = await fetch(`${consoleForTests().receiver}/in/stripe`, {
    ...{ method: 'POST', headers, body: await readFile(sample) },
  });
  expect(response.status).toBe(401);
}
