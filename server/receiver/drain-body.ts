import type { IncomingMessage } from 'node:http';

/**
 * Throws away what is left of a body that nobody wants, so that the client is done with sending and reads the answer. A
 * connection that is closed while its client still sends is reset, and the answer is lost on the way (RFC 9112, 9.6). Resolves
 * after `mostBytes` at the latest, or with the request's own time-out. A client that waits for `100-continue` sends nothing.
 */
export function drainBody(request: IncomingMessage, mostBytes: number): Promise<void> {
  if (request.readableEnded || request.destroyed || request.headers.expect !== undefined) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) resolve();
    });
    request.once('end', resolve).once('close', resolve);
  });
}
