import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { type FilledKait, findChromium, startFilledKait } from './filled-kait.ts';
import { launchOptions } from './viewer.ts';

/** The one Kait that all browser tests look at, and the one browser; `inject('console')` gets them. */
export interface ConsoleForTests extends FilledKait {
  /** Where the browser is asked to open windows. */
  browser: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null: there is no browser on this machine. */
    console: ConsoleForTests | null;
  }
}

/** Starts one `kait up`, fills it with signed sample webhooks, and starts a browser. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const executable = findChromium();
  if (executable === undefined) {
    if (process.env.CI !== undefined) throw new Error('The browser tests need Chromium, and this machine has none.');
    process.stderr.write('The browser tests are skipped: this machine has no Chromium.\n');
    project.provide('console', null);
    return () => Promise.resolve();
  }
  const { kait, stop } = await startFilledKait();
  const browser = await chromium.launchServer(launchOptions(executable));
  project.provide('console', { ...kait, browser: browser.wsEndpoint() });
  return async () => {
    await browser.close();
    await stop();
  };
}
