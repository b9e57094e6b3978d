import { request, type Dispatcher } from 'undici';

/** A key or certificate takes about 2 kB. */
export const maxKeyBytes = 64 * 1024;
const timeoutMs = 3_000;

/** The gateway says that there is no such key, or none any more. */
export class KeyGoneError extends Error {
  override name = 'KeyGoneError';
}

/**
 * Fetches the text of a key. Rejects if the answer is not a 200, takes too long or is too large; with `KeyGoneError` if it is a 404
 * or 410. Redirects are not followed, because they could lead away from the trusted hosts.
 */
export async function fetchKeyText(url: string, dispatcher: Dispatcher): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await request(url, { dispatcher, signal, headers: { accept: 'application/x-pem-file, */*' } });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxKeyBytes) throw new Error(`the key is larger than ${maxKeyBytes} bytes`);
    chunks.push(chunk);
  }
  const { statusCode } = response;
  if (statusCode === 404 || statusCode === 410) throw new KeyGoneError(`the key was answered with ${statusCode}`);
  if (statusCode !== 200) throw new Error(`the key was answered with ${statusCode}`);
  return Buffer.concat(chunks).toString('utf8');
}
