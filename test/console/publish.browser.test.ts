import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { checkPage, consoleForTests, hasBrowser, openConsole, violations, writeDraft } from './browser.ts';
import { startPublishingKait } from './publishing-kait.ts';

const set = {
  ...{ id: 12, hash: 'a'.repeat(64), author: 'ana@desk', note: 'the first', publishedAt: '2026-11-01T00:00:00Z' },
  activeAt: '2026-11-01T00:00:05Z',
};
const text =
  '{\n  // As the shop wants it.\n  "name": "fulfil",\n  "on": { "event": "payment.succeeded" },\n  "steps": [{ "id": "a", "wait": "1h" }]\n}\n';
const files = { 'workflows/Fulfil it.json': text, 'sources.json': '{}' };

/** Has the console see a server that follows what is published, and refuses a set. */
async function followPublished(page: Page, answer: { status: number; body: object }): Promise<void> {
  await page.route('**/api/v1/status', async (route) => {
    const status = (await (await route.fetch()).json()) as object;
    await route.fulfill({
      json: { ...status, definitionsFrom: { from: 'published', set, problem: null, waits: null } },
    });
  });
  await page.route(/\/api\/v1\/published\?/, (route) => route.fulfill({ json: { items: [set], next: null } }));
  await page.route(/\/api\/v1\/published\/12$/, (route) => route.fulfill({ json: { ...set, files } }));
  await page.route(/\/api\/v1\/published\/12\/files$/, (route) =>
    route.fulfill({ status: answer.status, json: answer.body }),
  );
}

/** Of the Kait that all tests look at. */
async function temporalAddress(): Promise<string> {
  return (await answerOf(apiClient(consoleForTests()).GET('/status'))).temporal.address ?? '';
}

describe.runIf(hasBrowser())('publishing from the playground', () => {
  let kait: Awaited<ReturnType<typeof startPublishingKait>>;
  beforeAll(async () => {
    kait = await startPublishingKait(await temporalAddress(), files);
  });
  afterAll(() => kait.stop());

  async function newest() {
    const api = apiClient(kait);
    const { items } = await answerOf(api.GET('/published', { params: { query: { limit: 1 } } }));
    return answerOf(api.GET('/published/{set}', { params: { path: { set: items[0]?.id ?? 0 } } }));
  }

  it.each([
    ['en', 'Publish', 'Reason', /Published as set \d+\./, '2h'],
    ['id', 'Terbitkan', 'Alasan', /Diterbitkan sebagai set \d+\./, '3h'],
  ] as const)(
    'changes the file of the newest set, in the language %s',
    async (language, publish, reason, done, hours) => {
      const { page, complaints } = await openConsole({ language, kait });
      await page.goto('/playground?definition=fulfil');
      await page.locator('.cm-content').first().getByText('// As the shop wants it.').waitFor();
      const changed = text.replace('1h', hours);
      await writeDraft(page, changed);
      await page.locator('main').getByRole('button', { name: publish }).click();
      await page.getByLabel(reason).fill(`now ${hours}`);
      await page.locator('dialog[open]').getByRole('button', { name: publish }).click();
      await page.getByText(done).waitFor();
      expect(await newest()).toMatchObject({
        note: `now ${hours}`,
        files: { ...files, 'workflows/Fulfil it.json': changed },
      });
      expect(complaints).toEqual([]);
    },
  );

  it('undoes nothing that somebody else has published meanwhile, and says who it was', async () => {
    const { page } = await openConsole({ kait });
    await page.goto('/playground?definition=fulfil');
    await writeDraft(page, text.replace('1h', '4h'));
    await page.locator('main').getByRole('button', { name: 'Publish' }).click();
    await page.getByLabel('Reason').fill('too late');
    const body = { files, note: 'the shop', by: 'ben', force: true };
    await answerOf(apiClient(kait).POST('/published', { body }));
    await page.locator('dialog[open]').getByRole('button', { name: 'Publish' }).click();
    await page.locator('dialog[open] [role=alert]').getByText('ben').first().waitFor();
    expect((await newest()).note).toBe('the shop');
  });

  it.each([
    [400, { code: 'KAIT_SET_INVALID', detail: 'workflows/a.json:1:1 <img src=x>' }, 'workflows/a.json:1:1 <img src=x>'],
    [200, { published: false, set, problems: ['3 runs under way of "fulfil"'] }, '3 runs under way of "fulfil"'],
  ])('says why the server has not published: %d', async (status, body, said) => {
    const { page } = await openConsole();
    await followPublished(page, { status, body: { type: 'urn:x', title: 'x', status, ...body } });
    await page.goto('/playground?definition=fulfil');
    await writeDraft(page, text.replace('1h', '3h'));
    await page.locator('main').getByRole('button', { name: 'Publish' }).click();
    await page.getByLabel('Reason').fill('three hours');
    await page.locator('dialog[open]').getByRole('button', { name: 'Publish' }).click();
    await page.locator('dialog[open] [role=alert]').getByText(said).waitFor();
    expect(await page.locator('dialog img').count()).toBe(0);
  });

  it('is not offered by a server that serves its folder, which says what to do instead', async () => {
    const console = await openConsole();
    await checkPage(console, '/playground?definition=fulfil', 'Playground');
    await console.page.getByText('This server reads definitions from its folder').waitFor();
    expect(await console.page.getByRole('button', { name: 'Publish' }).count()).toBe(0);
  });
});

describe.runIf(hasBrowser())('the tests of a definition', () => {
  it.each([
    ['en', 'Tests', '2 of 2 tests pass', 'in 2 tests'],
    ['id', 'Pengujian', '2 dari 2 pengujian lulus', 'dalam 2 pengujian'],
  ] as const)('run in its page, with what they cover, in the language %s', async (language, tests, passed, covered) => {
    const { page, complaints } = await openConsole({ language });
    await page.goto('/definitions/explain-failure');
    await page.getByRole('tab', { name: tests }).click();
    await page.getByText(passed).waitFor();
    await page.getByText(covered).first().waitFor();
    expect([await violations(page), complaints]).toEqual([[], []]);
  });

  it('run in the playground as the draft changes, and say what came instead', async () => {
    const { page, complaints } = await openConsole();
    await page.goto('/playground?definition=explain-failure');
    await page.getByRole('tab', { name: 'Tests' }).click();
    await page.getByText('2 of 2 tests pass').waitFor();
    const changed = {
      name: 'explain-failure',
      on: { event: 'payment.failed' },
      steps: [{ id: 'note', set: { a: 1 } }],
    };
    await writeDraft(page, JSON.stringify(changed));
    await page.getByText('The test file has mistakes').waitFor();
    const steps = [...changed.steps, { id: 'give-up', wait: '1h' }];
    await writeDraft(page, JSON.stringify({ ...changed, steps }));
    await page.getByText('0 of 2 tests pass').waitFor();
    await page.getByText('expected  failed').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('begin in the playground', async () => {
    const { page } = await openConsole();
    await page.goto('/playground');
    await page.getByRole('tab', { name: 'Tests' }).click();
    await page.getByRole('button', { name: 'Begin with a test' }).click();
    await page.getByText('1 of 1 tests pass').waitFor();
    await page.getByText('in 1 test').first().waitFor();
  });
});
