import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type Axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, expect, inject, onTestFinished } from 'vitest';
import { contextOf, launch, logIn, type Viewer } from './viewer.ts';

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

const themes = ['light', 'dark'] as const;

const started: { browser?: Promise<Browser> } = {};

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
  const browser = await startBrowser();
  const context = await browser.newContext(contextOf(url, viewer));
  onTestFinished(() => context.close());
  if (isLoggedIn) await logIn(context, { url, token: kait.token });
  await context.addInitScript({ content: await axeSource() });
  const page = await context.newPage();
  const complaints = listen(page);
  const go = async (path: string, heading: string | RegExp): Promise<void> => {
    await page.goto(path);
    await page.getByRole('heading', { level: 1, name: heading, exact: typeof heading === 'string' }).waitFor();
  };
  return { page, url, go, complaints };
}

/**
 * Looks at a page in both themes: it shows its heading, axe finds nothing, nothing is wider than the window, and the browser has no complaints.
 */
export async function checkPage(
  { page, go, complaints }: OpenConsole,
  path: string,
  heading: string | RegExp,
): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme });
    await go(path, heading);
    await settled(page);
    found.push(...(await violations(page)).map((violation) => `${colorScheme}: ${violation}`));
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect({ found, overflow: Math.max(0, overflow), complaints }).toEqual({ found: [], overflow: 0, complaints: [] });
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
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof Axe };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const results = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return results.violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id} (${help}): ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`),
    );
  });
}

function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  return complaints;
}

function startBrowser(): Promise<Browser> {
  return (started.browser ??= launch(consoleForTests().chromium));
}

afterAll(async () => {
  const browser = await started.browser;
  delete started.browser;
  await browser?.close();
});

const axe: { source?: Promise<string> } = {};

function axeSource(): Promise<string> {
  return (axe.source ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
}
