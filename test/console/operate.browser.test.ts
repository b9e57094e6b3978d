import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { checkPage, consoleForTests, hasBrowser, openConsole, settled } from './browser.ts';

const paid = { source: 'stripe', event: 'pi_3Rk9ToKoKopi0001ZyXwVuTs:succeeded' };
const hostile = '<img src=x onerror=alert(1)>\u202e🪝{{7*7}}';

function openApi() {
  const { url, token } = consoleForTests();
  return apiClient({ url, token });
}

/** A receiver of webhooks that answers that it is gone. */
async function startGone(): Promise<string> {
  const server = createServer((_request, response) => void response.writeHead(410).end());
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/gone`;
}

/** Has the page be told that more is stuck than there is. */
async function stuckWith(page: Page, more: Record<string, object>): Promise<void> {
  await page.route('**/api/v1/status', async (route) => {
    const status = (await (await route.fetch()).json()) as { stuck: Record<string, object> };
    const [[kind, given]] = Object.entries(more) as [[string, object]];
    await route.fulfill({
      json: { ...status, stuck: { ...status.stuck, [kind]: { ...status.stuck[kind], ...given } } },
    });
  });
}

describe.runIf(hasBrowser())('the page of the system', () => {
  it('is readable', async () => {
    await checkPage(await openConsole(), '/system', 'System');
  });

  it.each([
    ['en', 'Show', 'KAIT_HOME', 'environment', 'Served', 'Samples of rejected requests', '30 d'],
    ['id', 'Tampilkan', 'KAIT_HOME', 'lingkungan', 'Dilayani', 'Contoh permintaan yang ditolak', '30 hr'],
  ] as const)(
    'tells settings with their origin, queues and retention, in the language %s',
    async (language, show, name, origin, served, subject, kept) => {
      const { page, complaints } = await openConsole({ language });
      await page.goto('/system');
      await settled(page);
      await page.getByText('PGlite', { exact: true }).waitFor();
      await page.locator('main').getByText(served, { exact: true }).first().waitFor();
      expect(await page.getByRole('row').filter({ hasText: subject }).textContent()).toContain(kept);
      await page.getByLabel(show).selectOption('set');
      const row = page.getByRole('row').filter({ hasText: name });
      await row.getByText(origin, { exact: true }).waitFor();
      expect(await page.getByText('KAIT_BACKLOG_LIMIT').count()).toBe(0);
      expect(complaints).toEqual([]);
    },
  );

  it('finds a setting by what it means, and never shows a secret', async () => {
    const { page, go } = await openConsole();
    await go('/system', 'System');
    await page.getByLabel('Setting', { exact: true }).fill('API key with the scope');
    await page.keyboard.press('Enter');
    await page.getByRole('row').filter({ hasText: 'KAIT_ADMIN_TOKEN' }).waitFor();
    expect(await page.getByText(consoleForTests().token).count()).toBe(0);
    expect(await page.getByText('KAIT_PORT', { exact: true }).count()).toBe(0);
  });

  it('tells viewers what they may see', async () => {
    const { secret } = await answerOf(openApi().POST('/keys', { body: { name: `look ${Date.now()}`, scope: 'read' } }));
    const { page, complaints } = await openConsole({ isLoggedIn: false });
    await page.goto('/system');
    await page.getByLabel('Token').fill(secret);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('This needs the role operator.').waitFor();
    await page.getByRole('heading', { name: 'Task queues' }).waitFor();
    expect(await page.getByText('KAIT_HOME').count()).toBe(0);
    expect(complaints.filter((each) => !each.includes('/session'))).toEqual([]);
  });
});

describe.runIf(hasBrowser())('the page of the audit', () => {
  it('is readable', async () => {
    await checkPage(await openConsole(), '/audit', 'Audit');
  });

  it.each([
    ['en', 'What', 'Body revealed', 'payment.succeeded'],
    ['id', 'Apa', 'Isi dibuka', 'payment.succeeded'],
  ] as const)(
    'has revealed bodies stand out, and leads to the event, in the language %s',
    async (language, what, label, heading) => {
      await answerOf(openApi().GET('/events/{source}/{event}/body', { params: { path: paid } }));
      const { page, complaints } = await openConsole({ language });
      await page.goto('/audit');
      await page.getByLabel(what, { exact: true }).selectOption('reveal');
      await page.waitForURL('**/audit?action=reveal');
      await settled(page);
      const entry = page.locator('.audit-entry.warn').first();
      await entry.locator('.badge').getByText(label).waitFor();
      await entry.getByRole('link').click();
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      expect(complaints).toEqual([]);
    },
  );

  it('filters by who and subject, shows a hostile reason as text, and says that nothing matches', async () => {
    const api = openApi();
    const params = { path: { run: 'ORDER-STUCK-1' } };
    await answerOf(api.POST('/runs/{run}/pause', { params, body: { reason: hostile, by: 'Sari', via: 'api' } }));
    await answerOf(api.POST('/runs/{run}/resume', { params, body: { reason: 'over', by: 'Sari', via: 'api' } }));
    const { page, go, complaints } = await openConsole();
    await go('/audit', 'Audit');
    await page.getByLabel('Who').fill('Sari (admin token)');
    await page.keyboard.press('Enter');
    await page.getByText(hostile).first().waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await page.getByLabel('Subject').fill('nothing');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing in the audit matches these filters').waitFor();
    expect(complaints).toEqual([]);
  });
});

describe.runIf(hasBrowser())('what the first page tells and offers', () => {
  it.each([
    ['en', /^\d[\d.]* a minute$/, 'Until a run starts:', /^Inbox: \d+ in the last hour/],
    ['id', /^\d[\d,]* per menit$/, 'Sampai run dimulai:', /^Kotak masuk: \d+ dalam satu jam terakhir/],
  ] as const)('are rates, times and the last hour, in the language %s', async (language, rate, until, bars) => {
    const { page } = await openConsole({ language });
    await page.goto('/');
    await page.getByText(rate).first().waitFor();
    await page.getByText(until).waitFor();
    await page.getByRole('img', { name: bars }).waitFor();
  });

  it('is a button for what can be helped at once, which says what will happen', async () => {
    const { page, go } = await openConsole();
    await go('/', 'Home');
    const parked = page.locator('.need').filter({ hasText: /parked at a step/ });
    await parked.getByRole('button', { name: 'Retry all' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry all' });
    await dialog.getByText('the same idempotency key').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  it('offers all pages of failed events again, and counts those that nothing came of', async () => {
    const { page, go } = await openConsole();
    await stuckWith(page, { events: { failed: { count: 2, oldest: '2026-01-01T00:00:00.000Z' } } });
    const pageOf = (eventId: string, next: string | null) => ({ items: [{ source: 'stripe', eventId }], next });
    await page.route(/\/events\?.*state=failed/, (route) =>
      route.fulfill({
        json: route.request().url().includes('cursor=second') ? pageOf('evt_b', null) : pageOf('evt_a', 'second'),
      }),
    );
    await page.route('**/events/stripe/evt_a/replay', (route) => route.fulfill({ json: { replayed: true } }));
    await page.route('**/events/stripe/evt_b/replay', (route) => route.fulfill({ json: { replayed: false } }));
    await go('/', 'Home');
    await page.getByRole('button', { name: 'Offer all again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Offer all again' });
    await dialog.getByText(/nothing happens twice/).waitFor();
    await dialog.getByRole('button', { name: 'Offer all again' }).click();
    await page.getByText('Done: 1. Refused: 1.').waitFor();
  });

  it('sends deliveries again that were given up, with a reason, since the oldest of them', async () => {
    const { page, go } = await openConsole();
    await stuckWith(page, { deliveries: { exhausted: { count: 3, oldest: '2026-01-02T00:00:00.000Z' } } });
    await page.route('**/api/v1/replays', (route) => route.fulfill({ json: { total: 3 } }));
    await go('/', 'Home');
    const need = page.locator('.need').filter({ hasText: /given up/ });
    await need.getByRole('button', { name: 'Send all again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send all again' });
    await dialog.getByLabel('Reason').fill('the receiver is back');
    const asked = page.waitForRequest('**/api/v1/replays');
    await dialog.getByRole('button', { name: 'Send all again' }).click();
    expect((await asked).postDataJSON()).toMatchObject({
      ...{ states: ['exhausted'], since: '2026-01-02T00:00:00.000Z', reason: 'the receiver is back' },
    });
    await page.getByText('Done: 3.').waitFor();
  });

  it('resumes an endpoint that Kait has disabled', async () => {
    const api = openApi();
    const url = await startGone();
    const { id } = await answerOf(api.POST('/endpoints', { body: { url, patterns: ['gone.*'] } }));
    const params = { path: { endpoint: id } };
    await answerOf(api.POST('/endpoints/{endpoint}/test', { params, body: {} }));
    const stateNow = async () => (await answerOf(api.GET('/endpoints/{endpoint}', { params }))).state;
    await expect.poll(stateNow).toBe('disabled');
    const { page, go } = await openConsole();
    await go('/', 'Home');
    const need = page.locator('.need').filter({ hasText: url });
    await need.getByText('is disabled').waitFor();
    await need.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog', { name: 'Resume' }).getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Done: 1.').waitFor();
    expect(await stateNow()).toBe('enabled');
    await expect.poll(() => need.count()).toBe(0);
    await answerOf(api.DELETE('/endpoints/{endpoint}', { params }));
  });
});

describe.runIf(hasBrowser())('rejected requests', () => {
  it('are listed for all sources and none, and filtered by source and reason', async () => {
    const { receiver } = consoleForTests();
    await fetch(`${receiver}/in/xendit`, { method: 'POST', body: '{}' });
    await fetch(`${receiver}/in/nobody`, { method: 'POST', body: '{}' });
    const console = await openConsole();
    const { page } = console;
    await checkPage(console, '/rejections', 'Rejected requests');
    await expect
      .poll(async () => {
        await page.reload();
        await settled(page);
        return page.getByLabel('Source', { exact: true }).locator('option').allTextContents();
      })
      .toEqual(expect.arrayContaining(['Any', 'midtrans', 'unknown', 'xendit']));
    await page.getByLabel('Source', { exact: true }).selectOption('unknown');
    await page.waitForURL('**/rejections?source=unknown');
    await settled(page);
    expect(await page.locator('.reasons').getByRole('link', { name: 'xendit' }).count()).toBe(0);
    await checkPage(console, '/sources/xendit', 'xendit');
  });
});

describe.runIf(hasBrowser())('an account of the organization', () => {
  it.each([
    ['en', 'Log in with your organization', 'Runs', 'operator'],
    ['id', 'Masuk dengan akun organisasi Anda', 'Run', 'operator'],
  ] as const)('logs in by the button, in the language %s', async (language, button, heading, role) => {
    const { page, complaints } = await openConsole({ language, isLoggedIn: false });
    await page.goto('/runs');
    await page.getByRole('link', { name: button }).click();
    await page.getByText('sari@example.id').waitFor();
    await page.locator('.who').getByText(role).waitFor();
    await page.goto('/runs');
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
    expect(complaints.filter((each) => !each.includes('/session'))).toEqual([]);
  });
});
