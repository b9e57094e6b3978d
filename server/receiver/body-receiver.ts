import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteLease } from './byte-budget.ts';
import { rejectionOf, RejectedError, retryAfterSeconds, type Rejection } from './rejection.ts';

/** Reads the bodies of requests into memory. */
export interface BodyReceiver {
  /**
   * Resolves to the body's unchanged bytes. Rejects with `RejectedError`: `body-too-large` as soon as the body exceeds the limit,
   * `overloaded-bodies` if the lease grants no more, `aborted` if the client disconnects, or the rejection given to `fail`.
   */
  receive(request: IncomingMessage, lease: Pick<ByteLease, 'take'>): Promise<Buffer>;
  /** Stops reading a body from this connection. Returns false if none is being read. */
  fail(socket: Socket, why: Rejection): boolean;
}

/** `mostBytes` is the largest body allowed. */
export function createBodyReceiver({ mostBytes }: { mostBytes: number }): BodyReceiver {
  /** An HTTP/1.1 connection carries one body at a time, pipelined or not. */
  const reading = new WeakMap<Socket, (why: Rejection) => void>();
  return {
    async receive(request, lease) {
      const { socket } = request;
      try {
        return await read(request, {
          take(bytes, total) {
            if (total > mostBytes) return rejectionOf('body-too-large');
            return lease.take(bytes)
              ? null
              : rejectionOf('overloaded-bodies', { retryAfterSeconds: retryAfterSeconds.soon });
          },
          onStart: (fail) => reading.set(socket, fail),
        });
      } finally {
        reading.delete(socket);
      }
    },
    fail(socket, why) {
      const fail = reading.get(socket);
      fail?.(why);
      return fail !== undefined;
    },
  };
}

function read(
  request: IncomingMessage,
  options: {
    /** Checks the next `bytes`, which make `total` so far. Returns null if they may be kept. */
    take: (bytes: number, total: number) => Rejection | null;
    onStart: (fail: (why: Rejection) => void) => void;
  },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const onData = (chunk: Buffer) => {
      total += chunk.length;
      const rejection = options.take(chunk.length, total);
      if (rejection !== null) fail(rejection);
      else chunks.push(chunk);
    };
    const onEnd = () => {
      stopListening();
      resolve(Buffer.concat(chunks, total));
    };
    const onAbort = () => fail(rejectionOf('aborted'));
    const stopListening = () => {
      request.off('data', onData).off('end', onEnd).off('close', onAbort);
    };
    const fail = (why: Rejection) => {
      stopListening();
      reject(new RejectedError(why));
    };
    options.onStart(fail);
    // An error is followed by `close`; without this listener it would end the process.
    request.on('error', () => undefined);
    request.on('data', onData).on('end', onEnd).on('close', onAbort);
  });
}
