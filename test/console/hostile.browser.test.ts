import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  consoleForTests,
  followLink,
  hasBrowser,
  nextFrame,
  type OpenConsole,
  openConsole,
  overflow,
  settled,
  windows,
} from './browser.ts';
import { hostile, person } from './fill-hostile.ts';
import { type HostileKait, startHostileKait } from './hostile-kait.ts';
import { mailedLinks } from './mailed-link.ts';

let kait: HostileKait | undefined;

const lists = [
  ...['/', '/events', '/runs', '/approvals', '/definitions', '/playground', '/sources', '/endpoints', '/deliveries'],
  ...['/event-types', '/replays', '/rejections', '/system', '/audit'],
];
const portalLists = ['/portal/endpoints', '/portal/deliveries', '/portal/replays', '/portal/event-types'];

describe.runIf(hasBrowser())('hostile data', () => {
  beforeAll(async () => {
    kait = await startHostileKait(consoleForTests().temporalCli);
  }, 180_000);
  afterAll(() => kait?.stop());

  it('is shown as text on every page, and makes none wider than the window', async () => {
    const console = await openConsole({ kait: kait!, isLoggedIn: false });
    await console.page.goto('/session/oidc');
    await console.page.locator('.who').getByText(person).waitFor({ state: 'attached' });
    await console.page.request.get(`/api/v1${kait!.paths[0]}/body`); // The audit says who did.
    expect(await lookAtAll(console, [...lists, ...kait!.paths])).toEqual([]);
  }, 180_000);

  it('is shown as text on every page of the portal of a tenant', async () => {
    const console = await openConsole({ kait: kait!, isLoggedIn: false });
    const { link, paths } = kait!.portal;
    await console.page.goto(link);
    await console.page.getByText(hostile).first().waitFor();
    expect(await lookAtAll(console, [...portalLists, ...paths.map((path) => `/portal${path}`)])).toEqual([]);
  });

  it('is shown as text on the pages behind mailed links', async () => {
    const console = await openConsole({ kait: kait!, isLoggedIn: false });
    const links = await mailedLinks(kait!);
    const open = await Promise.all(links.map(async (link) => ((await fetch(link)).ok ? [link] : [])));
    expect(open.flat().length).toBe(links.length - 1); // One is answered.
    const load = async (page: Page, link: string) => void (await page.goto(link));
    expect(await lookAtAll(console, open.flat(), load)).toEqual([]);
  });

  it.each([
    ['/definitions', 'the title of a definition'],
    ['/event-types', 'the description of an event type'],
    ['/endpoints', 'the description of an endpoint'],
    ['/approvals', 'a question'],
    ['/replays', 'the reason of a replay'],
    ['/audit', 'the reason of a command'],
  ])('is not left out on %s, as %s', async (path) => {
    const { page } = await openConsole({ kait: kait! });
    await page.goto(path);
    await page.getByText(hostile).filter({ visible: true }).first().waitFor();
  });
});

async function lookAtAll(
  { page, complaints }: OpenConsole,
  paths: readonly string[],
  go = followLink,
): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    await go(page, path);
    const problems = [...(await look(page)), ...complaints.splice(0)];
    found.push(...problems.map((problem) => `${path.slice(0, 120)}: ${problem}`));
  }
  return found;
}

/** What is wrong with a page, in each of its tabs, in windows of both widths and with all unfolded. */
async function look(page: Page): Promise<string[]> {
  const found = await problemsInWindows(page);
  for (const tab of (await page.getByRole('tab').all()).slice(1)) {
    await tab.click();
    await settled(page);
    found.push(...(await problemsInWindows(page)));
  }
  return found;
}

async function problemsInWindows(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const size of windows) {
    await page.setViewportSize(size);
    await page.evaluate(() => {
      for (const folded of document.querySelectorAll('main details')) folded.setAttribute('open', '');
    });
    await nextFrame(page);
    const problems = [...(await overflow(page)), ...(await markup(page))];
    found.push(...problems.map((problem) => `${size.width} pixels: ${problem}`));
  }
  return found;
}

/** What there is only if a text was taken for markup or a script. */
function markup(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll('main *')].flatMap(({ shadowRoot }) => shadowRoot ?? [])];
    const markup = 'img:not(.cm-widgetBuffer), main script, .cm-editor script, iframe, b, [onerror], [onclick]';
    const strange = roots.flatMap((root) => [...root.querySelectorAll(markup)]);
    return [
      ...strange.map((each) => `markup: ${each.outerHTML.slice(0, 150)}`),
      ...('pwned' in window ? ['a script ran'] : []),
      ...('polluted' in {} ? ['every object has a new member'] : []),
    ];
  });
}
