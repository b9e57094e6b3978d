import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { apiClient } from '../../../cli/api-client.ts';
import { packagePath } from '../../../package-path.ts';
import { findChromium, startFilledKait, type FilledKait } from '../filled-kait.ts';
import { contextOf, launchOptions, logIn } from '../viewer.ts';
import { pictures, type Picture } from './pictures.ts';

/*
 * `npm run screenshots` takes the pictures of the documentation from a real `kait up`, filled as for the browser tests. Window, language, zone and
 * theme are fixed. Times, ids and ports are as they come, so two takes differ in these. `npm run screenshots home run` takes only these two.
 */

const folder = packagePath('docs', 'console');
const scale = 1.5;
/** Of WebP. Below this, small text gets spots. */
const quality = 80;

async function take(browser: Browser, kait: FilledKait, { name, viewer, isLoggedIn = true, show }: Picture) {
  const context = await browser.newContext(contextOf(kait.url, { height: 800, scale, ...viewer }));
  try {
    if (isLoggedIn) await logIn(context, kait);
    const page = await context.newPage();
    await show(page, { kait, api: apiClient(kait) });
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    const devtools = await context.newCDPSession(page);
    const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality });
    const picture = Buffer.from(data, 'base64');
    await writeFile(join(folder, `${name}.webp`), picture);
    process.stdout.write(`${name}.webp ${(picture.length / 1_000).toFixed(0)} kB\n`);
  } finally {
    await context.close();
  }
}

/** Pictures that are no longer taken. */
async function removeOthers(): Promise<void> {
  const taken = new Set(pictures.map(({ name }) => `${name}.webp`));
  const others = (await readdir(folder)).filter((file) => !taken.has(file));
  await Promise.all(others.map((file) => rm(join(folder, file))));
}

async function main(only: readonly string[]): Promise<void> {
  const executable = findChromium();
  if (executable === undefined) throw new Error('Pictures need Chromium, and this machine has none.');
  await mkdir(folder, { recursive: true });
  await removeOthers();
  const { kait, stop } = await startFilledKait({ withHostile: false });
  try {
    const browser = await chromium.launch(launchOptions(executable));
    for (const picture of pictures.filter(({ name }) => only.length === 0 || only.includes(name)))
      await take(browser, kait, picture);
    await browser.close();
  } finally {
    await stop();
  }
}

await main(process.argv.slice(2));
