import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ConsoleFile, type ConsoleFiles, encodings } from './console-files.ts';

/**
 * Nothing but the console's own files, and the API of the same origin. No inline script or style runs. `frames` are the origins whose pages may show it in
 * a frame.
 */
const contentSecurityPolicy = (frames: readonly string[]) =>
  [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data:`,
    `connect-src 'self'`,
    `worker-src 'self'`,
    `font-src 'self'`,
    `frame-ancestors ${frames.length === 0 ? `'none'` : frames.join(' ')}`,
    `base-uri 'none'`,
    `form-action 'self'`,
  ].join('; ');

const consoleHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** What is never a page of the console, nor anything below it. The last two are the receiver's. */
const otherPaths = ['api', 'metrics', 'session', 'healthz', 'readyz'];

/** Whether the console answers this. Its files hold nothing secret, so they need no session. */
export function isForConsole({ method, url }: Pick<FastifyRequest, 'method' | 'url'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const [, first = ''] = pathOf(url).split('/', 2);
  return !otherPaths.includes(first);
}

/**
 * Answers with a file of the console, or else with its page, which knows what to show for the path. A file that a newer build no longer has is
 * 404, since a browser would take the page for a script.
 */
export async function serveConsole(
  readFiles: () => Promise<ConsoleFiles>,
  request: FastifyRequest,
  reply: FastifyReply,
  portalOrigins: readonly string[] = [],
): Promise<FastifyReply> {
  const path = pathOf(request.url);
  const files = await readFiles();
  // Only the portal: it acts by the token in its address, and never by a cookie that the browser sends along.
  const frames = isPortal(path) ? portalOrigins : [];
  void reply.headers({ ...consoleHeaders, 'content-security-policy': contentSecurityPolicy(frames) });
  if (frames.length === 0) void reply.header('x-frame-options', 'DENY'); // It knows no list.
  if (files.size === 0) return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
  const file = files.get(path) ?? (isPage(path) ? files.get('/index.html') : undefined);
  if (file === undefined) return reply.code(404).type('text/plain; charset=utf-8').send('There is no such file.\n');
  return sendFile(file, request, reply);
}

function isPortal(path: string): boolean {
  return path === '/portal' || path.startsWith('/portal/');
}

/** A page's path may end with an id that looks like the name of a file, except where files are. */
function isPage(path: string): boolean {
  return !path.startsWith('/assets/') && !/^\/[^/]+\.[a-z0-9]+$/i.test(path);
}

function sendFile(file: ConsoleFile, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.header('cache-control', cacheControlOf(file)).header('vary', 'accept-encoding');
  const isPage = file.type.startsWith('text/html');
  if (!isPage) {
    void reply.header('etag', file.etag);
    if (headers['if-none-match'] === file.etag) return reply.code(304).send();
  }
  const encoding = encodings.find((each) => file.compressed.has(each) && accepts(headers['accept-encoding'], each));
  if (encoding !== undefined) void reply.header('content-encoding', encoding);
  const bytes = encoding === undefined ? file.bytes : file.compressed.get(encoding);
  return reply.code(200).type(file.type).send(bytes);
}

function cacheControlOf({ type, isHashed }: ConsoleFile): string {
  if (type.startsWith('text/html')) return 'no-store';
  return isHashed ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** RFC 9110, section 12.5.3. A client that sends no header gets the file itself. */
function accepts(acceptEncoding: string | string[] = '', encoding: string): boolean {
  return [acceptEncoding]
    .flat()
    .join(',')
    .split(',')
    .some((each) => {
      const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
      return name === encoding && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part));
    });
}

function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

const notBuilt = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kait: the console is not built</title>
</head>
<body>
<h1>The console is not built</h1>
<p>Kait is running, and its API answers. To get the console, run <code>npm run build</code> in Kait’s folder, and load this page again.</p>
</body>
</html>
`;
