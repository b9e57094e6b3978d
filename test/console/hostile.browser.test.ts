import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleForTests, hasBrowser, openConsole, settled } from './browser.ts';
import { type HostileKait, hostile, startHostileKait } from './hostile-kait.ts';

let kait: HostileKait | undefined;

const lists = [
  ...['/', '/events', '/runs', '/approvals', '/definitions', '/playground', '/sources', '/endpoints', '/deliveries'],
  ...['/event-types', '/system', '/audit'],
];

describe.runIf(hasBrowser())('hostile data', () => {
  beforeAll(async () => {
    kait = await startHostileKait(consoleForTests().temporalCli);
  }, 180_000);
  afterAll(() => kait?.stop());

  it.each([1280, 360])(
    'is shown as text on every page, and makes none wider than %d pixels',
    async (width) => {
      const { page, complaints } = await openConsole({ kait: kait!, width });
      const found: string[] = [];
      for (const path of [...lists, ...kait!.paths]) {
        found.push(...(await look(page, path)).map((problem) => `${path.slice(0, 120)}: ${problem}`));
        found.push(...complaints.splice(0).map((complaint) => `${path.slice(0, 120)}: ${complaint}`));
      }
      expect(found).toEqual([]);
    },
    180_000,
  );

  it.each([
    ['/definitions', 'the title of a definition'],
    ['/event-types', 'the description of an event type'],
    ['/endpoints', 'the description of an endpoint'],
    ['/approvals', 'a question'],
  ])('is not left out on %s, as %s', async (path) => {
    const { page } = await openConsole({ kait: kait! });
    await page.goto(path);
    await page.getByText(hostile).first().waitFor();
  });
});

/** What is wrong with a page, in each of its tabs and with all unfolded. */
async function look(page: Page, path: string): Promise<string[]> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await settled(page);
  const found = await problems(page);
  for (const tab of (await page.getByRole('tab').all()).slice(1)) {
    await tab.click();
    await settled(page);
    found.push(...(await problems(page)));
  }
  return found;
}

function problems(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    for (const folded of document.querySelectorAll('main details')) folded.setAttribute('open', '');
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const room = window.innerWidth;
    const isTooWide = document.documentElement.scrollWidth > room;
    const wide = [...document.querySelectorAll('main *')].filter(
      (each) => each.getBoundingClientRect().right > room + 1,
    );
    const roots = [document, ...[...document.querySelectorAll('main *')].flatMap(({ shadowRoot }) => shadowRoot ?? [])];
    const markup = 'img:not(.cm-widgetBuffer), main script, .cm-editor script, iframe, b, [onerror], [onclick]';
    const strange = roots.flatMap((root) => [...root.querySelectorAll(markup)]);
    const isPolluted = 'polluted' in {};
    return [
      ...(isTooWide
        ? [
            `wider than the window: ${wide
              .slice(-3)
              .map((each) => each.outerHTML.slice(0, 150))
              .join(' ')}`,
          ]
        : []),
      ...strange.map((each) => `markup: ${each.outerHTML.slice(0, 150)}`),
      ...('pwned' in window ? ['a script ran'] : []),
      ...(isPolluted ? ['every object has a new member'] : []),
    ];
  });
}
