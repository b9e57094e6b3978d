import { request, type Dispatcher } from 'undici';
import { createRateLimit } from '../rate-limit.ts';

/** A key or certificate takes about 2 kB. */
const maxBytes = 64 * 1024;
const timeoutMs = 3_000;
/** Gateways change their certificates every few months, and the addresses change with them. */
const keepMs = 24 * 60 * 60 * 1000;
const keepAtMost = 100;
/**
 * Forged requests name addresses too, if only on the preset's hosts. The limit keeps them from turning this process against the
 * gateway. Beyond it, unknown keys are not fetched and the request gets 503.
 */
const fetches = { perSecond: 0.5, burst: 10 };

/**
 * Fetches the key at an address and keeps it for a day. Rejects if the answer is not a 200, takes too long or is too large, or
 * if too many keys were asked for. Redirects are not followed, because they could lead away from the trusted hosts.
 */
export function createKeyFetcher(deps: {
  dispatcher: Dispatcher;
  now: () => number;
}): (url: string) => Promise<string> {
  const known = new Map<string, { text: Promise<string>; until: number }>();
  const limit = createRateLimit(fetches, deps.now);
  return (url) => {
    const found = known.get(url);
    if (found !== undefined && found.until > deps.now()) return found.text;
    if (limit.take() > 0) return Promise.reject(new Error('too many keys were asked for'));
    const text = fetchText(url, deps.dispatcher);
    if (known.size >= keepAtMost) known.delete(known.keys().next().value ?? '');
    known.set(url, { text, until: deps.now() + keepMs });
    text.catch(() => known.delete(url));
    return text;
  };
}

async function fetchText(url: string, dispatcher: Dispatcher): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await request(url, { dispatcher, signal, headers: { accept: 'application/x-pem-file, */*' } });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the key is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  if (response.statusCode !== 200) throw new Error(`the key was answered with ${response.statusCode}`);
  return Buffer.concat(chunks).toString('utf8');
}
