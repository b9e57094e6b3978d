import { describe, expect, it } from 'vitest';
import type { ConsoleFile, ConsoleFiles } from '../../../server/console/console-files.ts';
import type { Database } from '../../../storage/database.ts';
import { createTestApi, createTestConsole, problem } from '../api/api-fixture.ts';

const file = (type: string, text: string, more: Partial<ConsoleFile> = {}): ConsoleFile => ({
  ...{ bytes: Buffer.from(text), type, etag: `"${text}"`, isHashed: false, compressed: new Map() },
  ...more,
});
const built: ConsoleFiles = new Map([
  ['/index.html', file('text/html; charset=utf-8', 'the page')],
  ['/icon.svg', file('image/svg+xml; charset=utf-8', 'the icon')],
  [
    '/assets/main-4fa1.js',
    file('text/javascript; charset=utf-8', 'the script', {
      isHashed: true,
      compressed: new Map([
        ['br', Buffer.from('by brotli')],
        ['gzip', Buffer.from('by gzip')],
      ]),
    }),
  ],
]);

/** No request for the console may reach the database, and none has a key. */
async function ask(url: string, headers: Record<string, string> = {}, files = built) {
  const database = {} as Database;
  const console = createTestConsole(database, { files: () => Promise.resolve(files) });
  const api = createTestApi({ database, console });
  return api.inject({ method: 'GET', url, headers: { host: '127.0.0.1:8701', ...headers } });
}

describe('the page of the console', () => {
  it.each([
    '/',
    '/?q=1',
    '/index.html',
    '/find?q=INV-9',
    '/events/stripe/evt_1.json',
    '/runs/kait%2Fship%2Fstripe%2Fevt_1',
    '/definitions/__proto__',
    '/apis',
    '/nothing/that/there/is',
  ])('is answered for %s', async (url) => {
    const { statusCode, body, headers } = await ask(url);
    expect([statusCode, body]).toEqual([200, 'the page']);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  });

  it('may run nothing but its own files, and shows itself in no frame', async () => {
    expect((await ask('/')).headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('opens for whoever follows a link from another site', async () => {
    const { statusCode } = await ask('/runs', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' });
    expect(statusCode).toBe(200);
  });

  it('tells nobody which version runs', async () => {
    expect((await ask('/')).headers).not.toHaveProperty('kait-version');
  });

  it('is not answered under a name that may be somebody else’s', async () => {
    expect((await ask('/', { host: 'attacker.example' })).statusCode).toBe(421);
  });

  it.each(['/api', '/api/', '/api/v1/nothing', '/api/V1/status', '/metrics/x', '/session/x', '/healthz', '/readyz'])(
    'does not stand in for %s',
    async (url) => {
      expect((await ask(url)).json()).toEqual(problem(401, 'unauthorized'));
    },
  );

  it('says how to build it if it was not', async () => {
    const { statusCode, body, headers } = await ask('/', {}, new Map());
    expect(statusCode).toBe(503);
    expect(body).toContain('run <code>npm run build</code>');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
});

describe('a file of the console', () => {
  it('is kept forever if its name has a hash', async () => {
    const { headers, body } = await ask('/assets/main-4fa1.js');
    expect(body).toBe('the script');
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
  });

  it('is asked for again if its name has none, and sent only if it is another one', async () => {
    expect((await ask('/icon.svg')).headers).toMatchObject({ 'cache-control': 'no-cache', etag: '"the icon"' });
    const { statusCode, body } = await ask('/icon.svg', { 'if-none-match': '"the icon"' });
    expect([statusCode, body]).toEqual([304, '']);
    expect((await ask('/icon.svg', { 'if-none-match': '"another"' })).statusCode).toBe(200);
  });

  it.each([
    ['gzip, deflate, br', 'br', 'by brotli'],
    ['gzip', 'gzip', 'by gzip'],
    ['GZIP;q=0.5', 'gzip', 'by gzip'],
    ['br;q=0, gzip', 'gzip', 'by gzip'],
    ['br;q=0.000', undefined, 'the script'],
    ['identity', undefined, 'the script'],
    ['brotli, gzipped', undefined, 'the script'],
    ['', undefined, 'the script'],
  ])('is sent compressed to a browser that takes it: %s', async (accepted, encoding, text) => {
    const { headers, body } = await ask('/assets/main-4fa1.js', { 'accept-encoding': accepted });
    expect([headers['content-encoding'], body]).toEqual([encoding, text]);
  });

  it.each(['/assets/main-0000.js', '/assets/', '/favicon.ico'])('is 404 if there is none: %s', async (url) => {
    const { statusCode, headers } = await ask(url);
    expect(statusCode).toBe(404);
    expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  });
});
