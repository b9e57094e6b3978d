import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { pipeline } from 'node:stream';
import { isForeignPage, isOwnHost } from '../http/browser-page.ts';
import type { HiddenAddress } from './hidden-address.ts';
import type { UiSession } from './ui-session.ts';
import { forwardingPage, uiGatePage } from './ui-gate-pages.ts';

/** The only way to the embedded Web UI. */
export interface UiGate {
  /** `http://127.0.0.1:<port>`. Shows nothing to a browser that was not admitted. */
  url: string;
  /** A link to a page of the Web UI that admits the browser in which it is opened first. `path` begins with a slash. */
  link(path: string): string;
  close(): Promise<void>;
}

/** Headers that are about one connection (RFC 9110, 7.6.1), and those that the gate sets itself. */
const ownHeaders = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
  ...['host', 'cookie', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'],
]);
/** A browser admitted today stays admitted for a month. */
const cookieSeconds = 30 * 24 * 3_600;

/**
 * Listens on 127.0.0.1 and forwards to the embedded Web UI at its hidden address. The Web UI answers whoever reaches it, and can
 * start, signal and terminate runs. A page in the operator's browser reaches everything on 127.0.0.1, so the gate demands
 *
 * - a `Host` that is an address or `localhost`: a rebound name is the attacker's own, so it is neither;
 * - for whatever is not the user's own navigation: that it comes from the Web UI's own pages, by `Sec-Fetch-Site` and `Origin`;
 * - the session's cookie. It is HttpOnly and SameSite=Strict, and only a ticket from Kait's own output is exchanged for it.
 *
 * Other programs of this machine are not kept out: they can use Temporal's gRPC port.
 */
export async function openUiGate(deps: { session: UiSession; upstream: HiddenAddress }): Promise<UiGate> {
  const { session } = deps;
  const server = createServer((request, response) => answer(request, response, deps));
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.maxConnections = 200;
  server.listen({ port: session.port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server has one.
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    link: (path) => `${url}${path}${path.includes('?') ? '&' : '?'}ticket=${session.ticket()}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Another site's page learns nothing by opening a page or by loading a file. */
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' };

interface GateDeps {
  session: UiSession;
  upstream: HiddenAddress;
}

function answer(request: IncomingMessage, response: ServerResponse, deps: GateDeps): void {
  const { session } = deps;
  if (!isOwnHost(request.headers.host)) return refuse(response, 421, uiGatePage.wrongHost);
  const target = readTarget(request.url ?? '');
  if (target === null) return refuse(response, 400, uiGatePage.badRequest);
  const isAdmitted = cookiesOf(request).some(
    ([name, value]) => name === cookieName(session) && session.isCookie(value),
  );
  if (target.ticket !== null && isNavigation(request)) {
    if (!isAdmitted && !session.redeem(target.ticket)) return refuse(response, 401, uiGatePage.spentTicket);
    return admit(response, session, target.path);
  }
  if (isForeign(request)) {
    // A link on another site. The page that it gets goes on by itself, and then the browser sends the cookie.
    if (isNavigation(request)) return sendPage(response, 200, forwardingPage(target.path));
    return refuse(response, 403, uiGatePage.foreign);
  }
  if (!isAdmitted) return refuse(response, 401, uiGatePage.noCookie);
  forward(request, response, target.path, deps);
}

/** Splits the ticket off. Null if the target is not a path: a proxy request, or `*`. */
function readTarget(url: string): { path: string; ticket: string | null } | null {
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(url)) return null;
  const [, path = '', query] = /^([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  const parameters = (query ?? '').split('&').filter((parameter) => parameter !== '');
  const others = parameters.filter((parameter) => !parameter.startsWith('ticket='));
  const ticket = parameters.find((parameter) => parameter.startsWith('ticket='))?.slice('ticket='.length) ?? null;
  if (ticket === null) return { path: url, ticket };
  return { path: others.length === 0 ? path : `${path}?${others.join('&')}`, ticket };
}

/** A GET that shows its answer as a page: a click, or an address that was typed. Old browsers do not say. */
function isNavigation({ method, headers }: IncomingMessage): boolean {
  const mode = headers['sec-fetch-mode'];
  const destination = headers['sec-fetch-dest'];
  if (method !== 'GET') return false;
  return (mode === undefined || mode === 'navigate') && (destination === undefined || destination === 'document');
}

/** Whether another site's page sent this, or may have: browsers name the origin of whatever is more than a read. */
function isForeign({ method, headers }: IncomingMessage): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return (headers.origin === undefined && !isRead) || isForeignPage(headers);
}

function cookiesOf({ headers }: IncomingMessage): [string, string][] {
  return (headers.cookie ?? '').split(';').map((pair) => {
    const [name = '', ...value] = pair.trim().split('=');
    return [name, value.join('=')];
  });
}

/** Cookies do not tell ports apart, and several Kaits may run on this machine. */
function cookieName({ port }: UiSession): string {
  return `kait-ui-${port}`;
}

/**
 * Sets the cookie, and goes on to the page. Not by a redirect: if the link was clicked on another site's page, the browser would not
 * send the cookie along with it.
 */
function admit(response: ServerResponse, session: UiSession, path: string): void {
  const cookie = `${cookieName(session)}=${session.cookie}`;
  response.setHeader('set-cookie', `${cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${cookieSeconds}`);
  sendPage(response, 200, forwardingPage(path));
}

function refuse(response: ServerResponse, status: number, page: string): void {
  response.setHeader('connection', 'close');
  sendPage(response, status, page);
}

function sendPage(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    ...isolation,
  });
  response.end(page);
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { session, upstream }: GateDeps,
): void {
  const cookie = cookiesOf(request)
    .filter(([name]) => name !== cookieName(session))
    .map((pair) => pair.join('='))
    .join('; ');
  const asked = sendRequest({
    ...upstream,
    path,
    method: request.method,
    headers: {
      ...withoutOwn(request.headers),
      host: `${upstream.host}:${upstream.port}`,
      ...(cookie === '' ? {} : { cookie }),
    },
  });
  asked.once('response', (answered) => {
    response.writeHead(answered.statusCode ?? 502, { ...withoutOwn(answered.headers), ...isolation });
    pipeline(answered, response, () => undefined); // A reader that leaves is no failure.
  });
  asked.once('error', () => {
    if (response.headersSent) response.destroy();
    else refuse(response, 502, uiGatePage.unavailable);
  });
  response.once('close', () => asked.destroy());
  pipeline(request, asked, () => undefined);
}

function withoutOwn(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.has(name)));
}
