import { createServer, request as sendRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFreePort } from '../../embedded/free-port.ts';
import { openUiGate, type UiGate } from '../../embedded/ui-gate.ts';
import { openUiSession, type UiSession } from '../../embedded/ui-session.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Reached {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

let file: string;
let session: UiSession;
let gate: UiGate;
let port: number;
/** What came through to the Web UI. */
let reached: Reached[];
let cleanUp: (() => unknown)[];

beforeEach(async () => {
  cleanUp = [];
  reached = [];
  const ui = createServer((request, response) => {
    void text(request).then((body) => {
      reached.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.writeHead(200, { 'content-type': 'text/plain', 'set-cookie': '_csrf=1; Path=/', connection: 'close' });
      response.end('the Web UI');
    });
  }).listen(0, '127.0.0.1');
  await once(ui, 'listening');
  cleanUp.push(() => ui.close());
  file = join(await temporaryFolder(), 'web-ui.json');
  await writeFile(file, JSON.stringify({ port: await findFreePort(), cookie: 'k'.repeat(43) }));
  session = await openUiSession(file);
  gate = await openUiGate({ session, upstream: { host: '127.0.0.1', port: (ui.address() as AddressInfo).port } });
  cleanUp.push(() => gate.close());
  port = session.port;
});
afterEach(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

interface Sent {
  method?: string;
  path?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
}

async function send({ method = 'GET', path = '/', headers = {}, body }: Sent) {
  const request = sendRequest({ host: '127.0.0.1', port, method, path, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const cookie = () => `kait-ui-${port}=${'k'.repeat(43)}`;
const own = () => `http://127.0.0.1:${port}`;
const ticketPath = (path: string) => gate.link(path).slice(own().length);

const page = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

describe('a link that Kait prints', () => {
  it('admits the browser in which it is opened, and goes on to its page without the ticket', async () => {
    const path = ticketPath('/namespaces/default/workflows/a%2Fb?tab=history');
    expect(path).toMatch(/^\/namespaces\/default\/workflows\/a%2Fb\?tab=history&ticket=[\w-]{43}$/);
    const answer = await send({ path, headers: page });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toEqual([`${cookie()}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000`]);
    expect(answer.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    expect(answer.body).toContain(
      '<meta http-equiv="refresh" content="0; url=/namespaces/default/workflows/a%2Fb?tab=history">',
    );
    expect(reached).toEqual([]);
  });

  it('admits nobody a second time, except a browser that is admitted', async () => {
    const path = ticketPath('/');
    expect((await send({ path, headers: page })).status).toBe(200);
    const again = await send({ path, headers: page });
    expect(again.status).toBe(401);
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(again.body).toContain('This link was used before.');
    expect((await send({ path, headers: { ...page, cookie: cookie() } })).status).toBe(200);
  });

  it('works when it is clicked on another site, such as a mailer', async () => {
    const answer = await send({ path: ticketPath('/'), headers: { ...page, 'sec-fetch-site': 'cross-site' } });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toHaveLength(1);
  });

  it.each([
    ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a frame', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
  ])('is not used up by %s of another site', async (_what, headers) => {
    const path = ticketPath('/');
    const answer = await send({ path, headers: { 'sec-fetch-site': 'cross-site', ...headers } });
    expect(answer.status).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(ticketPath('/')).toBe(path);
  });

  it('is the same until it is used, and another one afterwards', async () => {
    const [first, second] = [gate.link('/'), gate.link('/')];
    expect(second).toBe(first);
    await send({ path: first.slice(own().length), headers: page });
    expect(gate.link('/')).not.toBe(first);
  });
});

describe('an admitted browser', () => {
  it('sees the Web UI, which gets neither the cookie nor the name under which it is shown', async () => {
    const answer = await send({ path: '/api/v1/settings?x=1', headers: { ...page, cookie: `${cookie()}; _csrf=1` } });
    expect(answer).toMatchObject({ status: 200, body: 'the Web UI' });
    expect(answer.headers).toMatchObject({
      'set-cookie': ['_csrf=1; Path=/'],
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(reached).toMatchObject([{ method: 'GET', url: '/api/v1/settings?x=1', headers: { cookie: '_csrf=1' } }]);
    expect(reached[0]?.headers.host).not.toBe(`127.0.0.1:${port}`);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('can send a %s from the Web UI’s own pages', async (method) => {
    const headers = { cookie: cookie(), origin: own(), 'sec-fetch-site': 'same-origin', 'content-length': 7 };
    expect((await send({ method, path: '/api/v1/x', headers, body: '{"a":1}' })).status).toBe(200);
    expect(reached).toMatchObject([{ method, url: '/api/v1/x', body: '{"a":1}' }]);
  });

  it('may call the Web UI localhost, also through a forwarded port', async () => {
    const headers = { cookie: cookie(), host: 'LOCALHOST:9999', origin: 'http://localhost:9999' };
    expect((await send({ method: 'POST', headers })).status).toBe(200);
  });

  it('comes by a link on another site in two steps, so that the browser sends the cookie', async () => {
    const path = '/namespaces/default';
    const answer = await send({ path, headers: { ...page, 'sec-fetch-site': 'cross-site' } });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('content="0; url=/namespaces/default"');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(reached).toEqual([]);
  });

  it('stays admitted when Kait starts again, on the same port', async () => {
    const { cookie: before } = session;
    await gate.close();
    const again = await openUiSession(file);
    expect({ port: again.port, cookie: again.cookie }).toEqual({ port, cookie: before });
  });

  it('is told to wait while Temporal is away', async () => {
    await gate.close();
    const away = await openUiGate({ session, upstream: { host: '127.0.0.1', port: await findFreePort() } });
    cleanUp.push(() => away.close());
    expect((await send({ headers: { ...page, cookie: cookie() } })).status).toBe(502);
  });
});

describe('a page in the operator’s browser', () => {
  it.each([
    'attacker.example',
    `attacker.example:8233`,
    '127.0.0.1.attacker.example',
    'localhost.attacker.example:8233',
    'attacker.example:80@127.0.0.1',
    '127.0.0.1:80.attacker.example',
    '0.0.0.0:8233',
    '2130706433:8233',
    'localhost.',
  ])('reaches nothing under the name “%s”, not even with the cookie and a ticket', async (host) => {
    const answer = await send({ path: ticketPath('/'), headers: { ...page, host, cookie: cookie() } });
    expect(answer.status).toBe(421);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(reached).toEqual([]);
  });

  it.each([
    ['a form', 'POST', { origin: 'https://attacker.example', 'content-type': 'application/x-www-form-urlencoded' }],
    ['a plain text', 'POST', { origin: 'https://attacker.example', 'content-type': 'text/plain' }],
    ['a POST without an origin', 'POST', {}],
    ['a POST with a hidden origin', 'POST', { origin: 'null' }],
    ['a POST of another port of this machine', 'POST', { origin: 'http://127.0.0.1:3000' }],
    ['a POST of another site by Sec-Fetch-Site', 'POST', { origin: 'http://127.0.0.1', 'sec-fetch-site': 'same-site' }],
    ['a GET of another port of this machine', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
    ['a preflight', 'OPTIONS', { origin: 'https://attacker.example', 'access-control-request-method': 'PUT' }],
    ['a DELETE', 'DELETE', { origin: 'https://attacker.example' }],
  ])('sends %s in vain, though the browser adds the cookie', async (_what, method, headers) => {
    const path = '/api/v1/namespaces/default/workflows/x';
    const answer = await send({ method, path, headers: { cookie: cookie(), ...headers } });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(reached).toEqual([]);
  });

  it.each([
    ['no cookie', {}],
    ['a wrong cookie', { cookie: `kait-ui-0=${'k'.repeat(43)}` }],
    ['the Web UI’s own cookie', { cookie: '_csrf=1' }],
  ])('sees nothing with %s', async (_what, headers) => {
    const answer = await send({ path: '/api/v1/namespaces', headers: { ...page, ...headers } });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('<code>kait status</code>');
    expect(reached).toEqual([]);
  });

  it.each(['wrong', '', 'k'.repeat(43), 'é'.repeat(43), `${'k'.repeat(43)}&ticket=${'k'.repeat(43)}`])(
    'cannot guess a ticket: “%s”',
    async (ticket) => {
      const answer = await send({ path: encodeURI(`/?ticket=${ticket}`), headers: page });
      expect(answer.status).toBe(401);
    },
  );

  it.each(['http://attacker.example/', '//attacker.example/', '/\\attacker.example/', '*'])(
    'is not led to another address by %s',
    async (target) => {
      const answer = await raw(`GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: ${cookie()}\r\n\r\n`);
      expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request');
      expect(reached).toEqual([]);
    },
  );

  it('cannot put markup into the page that a ticket leads to', async () => {
    const answer = await raw(
      `GET /"><script>&ticket=x?ticket=${session.ticket()} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toContain('url=/&#34;&#62;&#60;script&#62;&#38;ticket=x"');
  });

  it('opens no WebSocket and no tunnel', async () => {
    const upgrade = `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: ${cookie()}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`;
    expect(await raw(upgrade)).toBe('');
    expect(await raw(`CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)).toBe('');
    expect(reached).toEqual([]);
  });
});

/** Sends bytes as they are. Resolves to all that came back when the connection has ended. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

describe('the session of the Web UI', () => {
  it('is created once, readable by its owner only', async () => {
    const fresh = join(await temporaryFolder(), 'web-ui.json');
    const first = await openUiSession(fresh);
    expect((await stat(fresh)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(fresh, 'utf8'))).toEqual({ port: first.port, cookie: first.cookie });
    expect(first.cookie).toMatch(/^[\w-]{43}$/);
    expect((await openUiSession(fresh)).cookie).toBe(first.cookie);
  });

  it('is a new one if the file is damaged', async () => {
    await writeFile(file, '{"port":');
    expect((await openUiSession(file)).cookie).not.toBe('k'.repeat(43));
  });

  it('moves to another port if its own is taken, and keeps the cookie', async () => {
    const moved = await openUiSession(file); // The gate still listens.
    expect(moved.port).not.toBe(port);
    expect(moved.cookie).toBe(session.cookie);
  });
});
