import type { TestProject } from 'vitest/node';
import { type FilledKait, findChromium, startFilledKait } from './filled-kait.ts';

/** The one Kait that all browser tests look at; `inject('console')` gets it. */
export interface ConsoleForTests extends FilledKait {
  /** The browser's executable. */
  chromium: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null: there is no browser on this machine. */
    console: ConsoleForTests | null;
  }
}

/** Starts one `kait up`, and fills it with signed sample webhooks. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const chromium = findChromium();
  if (chromium === undefined) {
    if (process.env.CI !== undefined) throw new Error('The browser tests need Chromium, and this machine has none.');
    process.stderr.write('The browser tests are skipped: this machine has no Chromium.\n');
    project.provide('console', null);
    return () => Promise.resolve();
  }
  const { kait, stop } = await startFilledKait();
  project.provide('console', { ...kait, chromium });
  return stop;
}
