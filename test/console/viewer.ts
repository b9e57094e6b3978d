import { type BrowserContext, type BrowserContextOptions, type LaunchOptions } from 'playwright-core';

/** Who looks at the console, and with what. */
export interface Viewer {
  language?: 'en' | 'id';
  theme?: 'light' | 'dark';
  /** Of the window, in pixels. */
  width?: number;
  height?: number;
  /** Pixels of the picture for each pixel of the page. */
  scale?: number;
}

/** How a browser is started. Root may run Chromium only without its sandbox. */
export function launchOptions(executablePath: string): LaunchOptions {
  return { executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] };
}

/** What a new window for a viewer is made of. The zone is always the same. */
export function contextOf(baseURL: string, viewer: Viewer): BrowserContextOptions {
  const { language = 'en', theme = 'light', width = 1280, height = 900, scale = 1 } = viewer;
  return {
    ...{ baseURL, colorScheme: theme, viewport: { width, height }, deviceScaleFactor: scale, reducedMotion: 'reduce' },
    ...{ locale: language === 'en' ? 'en-GB' : 'id-ID', timezoneId: 'Asia/Jakarta' },
  };
}

/** Makes the window an admin's. */
export async function logIn(context: BrowserContext, { url, token }: { url: string; token: string }): Promise<void> {
  const headers = { origin: url, 'sec-fetch-site': 'same-origin' };
  const response = await context.request.post('/session', { data: { token }, headers });
  if (!response.ok()) throw new Error(`The session was refused: ${response.status()} ${await response.text()}`);
}
