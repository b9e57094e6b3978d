import { describe, expect, it } from 'vitest';
import { checkPage, hasBrowser, openConsole } from './browser.ts';

describe.runIf(hasBrowser())('the pages of definitions', () => {
  it('list them, show one and open the playground', async () => {
    const console = await openConsole();
    await checkPage(console, '/definitions', 'Definitions');
    await checkPage(console, '/definitions/fulfil', 'fulfil');
    const nodes = console.page.locator('.graph-text > span:not(.visually-hidden)');
    const texts = await nodes.evaluateAll((all) =>
      all.map((each) => [each.textContent, each.scrollWidth > each.clientWidth]),
    );
    expect(texts).toContainEqual(['reserve: Reserve the goods', false]);
    expect(texts.filter(([, isCut]) => isCut)).toEqual([]);
    await checkPage(console, '/playground?definition=fulfil', 'Playground');
  });

  it.each([
    ['en', 'Source', 'Graph'],
    ['id', 'Teks sumber', 'Grafik'],
  ] as const)(
    'show the source of a step that is chosen in the graph, in the language %s',
    async (language, source, graph) => {
      const { page } = await openConsole({ language });
      await page.goto('/definitions/fulfil');
      await page.getByRole('list', { name: graph }).getByRole('button', { name: 'Reserve the goods' }).click();
      await page.getByRole('tab', { name: source }).click();
      await page.locator('.cm-activeLine', { hasText: '"id": "reserve"' }).waitFor();
    },
  );

  it.each([
    ['en', 'Simulation', 'completed'],
    ['id', 'Simulasi', 'selesai'],
  ] as const)('simulate a draft, in the language %s', async (language, simulation, outcome) => {
    const { page, complaints } = await openConsole({ language });
    await page.goto('/playground');
    await page.getByRole('tab', { name: simulation }).click();
    await page.locator('.badge.ok').getByText(outcome).first().waitFor();
    await page.getByText('+0s → +1h').waitFor();
    expect(complaints).toEqual([]);
  });

  it('colour the graph by what the tests cover', async () => {
    const { page, go } = await openConsole();
    await go('/definitions/explain-failure', 'explain-failure');
    const node = page.locator('.graph-node', { hasText: 'note' }).first();
    await node.waitFor();
    expect(await page.locator('.graph-node.ok').count()).toBe(0);
    await page.getByRole('tab', { name: 'Tests' }).click();
    await page.locator('.graph-node.ok', { hasText: 'note' }).waitFor();
    await page.locator('.graph-node.ok', { hasText: 'give-up' }).waitFor();
  });

  it('tell mistakes in a draft, and what it would change', async () => {
    const { page } = await openConsole();
    await page.goto('/playground?definition=fulfil');
    await page.getByRole('tab', { name: 'What if' }).click();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText(/0 of \d+ events would be different/).waitFor();
    await page.locator('.cm-content').first().fill('{ "name": "<img src=x>" ');
    await page.locator('.findings').getByText('KAIT1001').first().waitFor();
    expect(await page.locator('main img:not(.cm-widgetBuffer)').count()).toBe(0);
  });
});
