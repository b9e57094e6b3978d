import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type Axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect, inject, onTestFinished } from 'vitest';
import { contextOf, logIn, type Viewer } from './viewer.ts';

/** A viewer's browser with the console in it. */
export interface OpenConsole {
  page: Page;
  /** Where the console is. */
  url: string;
  /** Goes to a page by its path, and waits for its heading. */
  go: (path: string, heading: string | RegExp) => Promise<void>;
  /** What the browser complained about: errors in its console, exceptions, and what the policy of the page forbids. */
  complaints: string[];
}

/** As wide as a phone, and as a desk. */
export const windows = [
  { width: 360, height: 900 },
  { width: 1280, height: 900 },
];
const themes = ['dark', 'light'] as const;

const connected: { browser?: Promise<Browser> } = {};

/** Whether this machine has a browser: `describe.runIf(hasBrowser())`. */
export function hasBrowser(): boolean {
  return inject('console') !== null;
}

/** The Kait that the tests look at. */
export function consoleForTests() {
  const found = inject('console');
  if (found === null) throw new Error('There is no browser, so that these tests are skipped');
  return found;
}

/** Opens the console for one test, logged in as an admin. */
export async function openConsole({
  kait = consoleForTests(),
  isLoggedIn = true,
  url = kait.url,
  ...viewer
}: Viewer & {
  /** Default: the one that all tests look at. */
  kait?: { url: string; token: string };
  isLoggedIn?: boolean;
  /** Where the console is for this viewer. By default, where Kait serves it. */
  url?: string;
} = {}): Promise<OpenConsole> {
  const browser = await (connected.browser ??= chromium.connect(consoleForTests().browser));
  const context = await browser.newContext(contextOf(url, viewer));
  onTestFinished(async () => {
    await context.unrouteAll({ behavior: 'ignoreErrors' });
    for (const each of context.pages()) await each.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  });
  if (isLoggedIn) await logIn(context, { url, token: kait.token });
  const page = await context.newPage();
  const complaints = listen(page);
  const go = async (path: string, heading: string | RegExp): Promise<void> => {
    await page.goto(path);
    await page.getByRole('heading', { level: 1, name: heading, exact: typeof heading === 'string' }).waitFor();
  };
  return { page, url, go, complaints };
}

/**
 * Looks at a page in windows of both widths and in both themes: it shows its heading, axe finds nothing, nothing is wider than the window, and the
 * browser has no complaints. A theme is nothing but colours, so the page is loaded once, and only its colours are looked at again.
 */
export async function checkPage(
  { page, go, complaints }: OpenConsole,
  path: string,
  heading: string | RegExp,
): Promise<void> {
  const found: string[] = [];
  await go(path, heading);
  for (const size of windows) {
    await page.setViewportSize(size);
    await settled(page);
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await nextFrame(page);
      const isFirst = colorScheme === themes[0];
      const problems = isFirst ? [...(await violations(page)), ...(await overflow(page))] : await faintTexts(page);
      found.push(...problems.map((problem) => `${size.width} pixels, ${colorScheme}: ${problem}`));
    }
  }
  expect({ found, complaints }).toEqual({ found: [], complaints: [] });
}

/** Goes on to a path as a link does, without loading the console anew, and waits until all of its page is there. */
export async function followLink(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => history.pushState(null, '', to), path);
  await nextFrame(page);
  await settled(page);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Whether a page is wider than its window, and what makes it so. */
export async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const room = window.innerWidth;
    const pixels = document.documentElement.scrollWidth - room;
    if (pixels <= 0) return [];
    const wide = [...document.querySelectorAll('main *')].filter(
      (each) => each.getBoundingClientRect().right > room + 1,
    );
    const last = wide.slice(-3).map((each) => each.outerHTML.slice(0, 150));
    return [`is ${pixels} pixels wider than the window: ${last.join(' ')}`];
  });
}

/** Changes of size and colour have taken effect then. */
export async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null)))),
  );
}

/** Waits until nothing is loading. */
export async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.locator('.loading').count()).toBe(0);
}

/** Replaces what is written in the first editor of a page, as somebody who pastes does. */
export async function writeDraft(page: Page, text: string): Promise<void> {
  const editor = page.locator('.cm-content').first();
  await editor.press('ControlOrMeta+a');
  await editor.evaluate((element, given) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', given);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** What axe finds on a page as it is now. */
export async function violations(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  return runAxe(page, { type: 'tag', values: tags });
}

/** What axe cannot read on a page for its colours. */
function faintTexts(page: Page): Promise<string[]> {
  return runAxe(page, { type: 'rule', values: ['color-contrast', 'link-in-text-block'] });
}

async function runAxe(page: Page, runOnly: Axe.RunOnly): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await axeSource());
  return page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: typeof Axe };
    const results = await axe.run(document, { runOnly: only, resultTypes: ['violations'] });
    return results.violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id} (${help}): ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`),
    );
  }, runOnly);
}

function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  return complaints;
}

const axe: { source?: Promise<string> } = {};

function axeSource(): Promise<string> {
  return (axe.source ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
}
