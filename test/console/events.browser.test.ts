import { describe, expect, it } from 'vitest';
import { checkPage, hasBrowser, openConsole, settled } from './browser.ts';

const paid = '/events/stripe/pi_3Rk9ToKoKopi0001ZyXwVuTs%3Asucceeded';
const hostile = '<img src=x onerror=alert(1)>\u202e🪝{{7*7}}';

describe.runIf(hasBrowser())('the pages of events', () => {
  it('list them, and show one', async () => {
    const console = await openConsole();
    await checkPage(console, '/events', 'Events');
    await checkPage(console, paid, 'payment.succeeded');
  });

  it.each([
    ['en', 'State', 'ignored'],
    ['id', 'Status', 'diabaikan'],
  ] as const)(
    'filter by state in the language %s, and keep the filter in the address',
    async (language, label, state) => {
      const { page } = await openConsole({ language });
      await page.goto('/events');
      await page.locator('main [data-row]').first().waitFor();
      await page.getByLabel(label).selectOption('ignored');
      await page.waitForURL('**/events?state=ignored');
      await settled(page);
      await expect.poll(() => page.locator('main tbody .badge').allTextContents()).toContain(state);
      await page.reload();
      await settled(page);
      expect(new Set(await page.locator('main tbody .badge').allTextContents())).toEqual(new Set([state]));
    },
  );

  it('find an event by its order, and show a hostile order as text', async () => {
    const { page, go, complaints } = await openConsole();
    await go(`/events?order=${encodeURIComponent(hostile)}`, 'Events');
    await page.getByText(hostile).waitFor();
    expect(await page.locator('main tbody tr').count()).toBe(1);
    expect(await page.locator('main img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('show the raw body and the kept headers to whoever asks', async () => {
    const { page, go } = await openConsole();
    await go(paid, 'payment.succeeded');
    await page.getByRole('tab', { name: 'Raw body and headers' }).click();
    await page.getByRole('button', { name: 'Show the raw body' }).click();
    await page.getByText('"client_secret"').waitFor();
    await page.getByText(/stripe-signature: t=\d+/).waitFor();
  });

  it('light up the place where a field was read', async () => {
    const { page, go } = await openConsole({ width: 1600 });
    await go(paid, 'payment.succeeded');
    await page.getByRole('button', { name: /^payment\.orderId/ }).hover();
    await expect.poll(() => page.locator('.json .lit').allTextContents()).toEqual(['order_id: "ORDER-1001"']);
    await page.getByRole('button', { name: /^payment\.amount/ }).focus();
    await expect.poll(() => page.locator('.json .lit').allTextContents()).toEqual(['amount_received: 2500000']);
  });

  it('tell how an event was verified, and why the other definitions start nothing', async () => {
    const { page, go } = await openConsole();
    await go(paid, 'payment.succeeded');
    const verified = page.getByRole('region', { name: 'How it was verified' });
    await verified.getByText('hmac sha256 · header:stripe-signature').waitFor();
    const triggers = page.getByRole('region', { name: 'Why it started what it started' });
    await triggers.getByText('Its type and source match, and it has no condition.').waitFor();
    expect(await triggers.getByText('It reacts to other types.').count()).toBe(6);
  });

  it('show what the condition of a trigger saw', async () => {
    const { page, go } = await openConsole();
    await go('/events?order=ORDER-1009', 'Events');
    await page.getByRole('link', { name: /payment\.pending/ }).click();
    await page.getByText('event.payment.requestedAmount (7500000) > 0').waitFor();
  });

  it('lead to the run that it has started', async () => {
    const { page, go } = await openConsole();
    await go(paid, 'payment.succeeded');
    await page.getByRole('link', { name: 'fulfil', exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: 'fulfil' }).waitFor();
  });

  it('offer an event again, and say why that is refused', async () => {
    const { page, go } = await openConsole();
    await go(paid, 'payment.succeeded');
    await page.getByRole('button', { name: 'Offer again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Offer again' });
    await dialog.getByText('nothing happens twice').waitFor();
    await dialog.getByRole('button', { name: 'Offer again' }).click();
    await dialog.getByText('It was not offered again: it has its runs already.').waitFor();
  });

  it('say that there is no such event', async () => {
    const { page } = await openConsole();
    await page.goto('/events/stripe/evt_none');
    await page.getByText('There is no such event.').waitFor();
  });
});
