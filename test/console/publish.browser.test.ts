import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { checkPage, hasBrowser, openConsole, violations, writeDraft } from './browser.ts';

/* The Kait of the tests serves its folder. What a server that follows what is published would answer is put in place of its answers. */

const set = {
  ...{ id: 12, hash: 'a'.repeat(64), author: 'ana@desk', note: 'the first', publishedAt: '2026-11-01T00:00:00Z' },
  activeAt: '2026-11-01T00:00:05Z',
};
const text =
  '{\n  // As the shop wants it.\n  "name": "fulfil",\n  "on": { "event": "payment.succeeded" },\n  "steps": [{ "id": "a", "wait": "1h" }]\n}\n';
const files = { 'workflows/Fulfil it.json': text, 'sources.json': '{}' };

/** Has the console see a server that follows what is published. Gives what it is asked to publish. */
async function followPublished(page: Page, answer: { status: number; body: object }): Promise<unknown[]> {
  const asked: unknown[] = [];
  await page.route('**/api/v1/status', async (route) => {
    const status = (await (await route.fetch()).json()) as object;
    await route.fulfill({
      json: { ...status, definitionsFrom: { from: 'published', set, problem: null, waits: null } },
    });
  });
  await page.route(/\/api\/v1\/published\?/, (route) => route.fulfill({ json: { items: [set], next: null } }));
  await page.route(/\/api\/v1\/published\/12$/, (route) => route.fulfill({ json: { ...set, files } }));
  await page.route(/\/api\/v1\/published\/12\/files$/, (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ status: answer.status, json: answer.body });
  });
  return asked;
}

const words = {
  en: ['Publish', 'Reason', 'Published as set 13.'],
  id: ['Terbitkan', 'Alasan', 'Diterbitkan sebagai set 13.'],
} as const;

describe.runIf(hasBrowser())('publishing from the playground', () => {
  it.each(['en', 'id'] as const)('changes the file of the newest set, in the language %s', async (language) => {
    const [publish, reason, done] = words[language];
    const { page, complaints } = await openConsole({ language });
    const body = { published: true, set: { ...set, id: 13 }, problems: [] };
    const asked = await followPublished(page, { status: 200, body });
    await page.goto('/playground?definition=fulfil');
    await page.locator('.cm-content').first().getByText('// As the shop wants it.').waitFor();
    const changed = text.replace('1h', '2h');
    await writeDraft(page, changed);
    await page.locator('main').getByRole('button', { name: publish }).click();
    await page.getByLabel(reason).fill('two hours');
    await page.locator('dialog[open]').getByRole('button', { name: publish }).click();
    await page.getByText(done).waitFor();
    expect(asked).toEqual([{ files: { 'workflows/Fulfil it.json': changed }, note: 'two hours', force: false }]);
    expect(complaints).toEqual([]);
  });

  it.each([
    [
      409,
      { code: 'outdated-set', detail: 'Meanwhile ben has published set 13.' },
      'Meanwhile ben has published set 13.',
    ],
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
    await console.page.getByText('This server takes the definitions from its folder').waitFor();
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
