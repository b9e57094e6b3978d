import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteLease } from './byte-budget.ts';
import { rejectionOf, RejectedError, retryAfterSeconds, type Rejection } from './rejection.ts';

/** Reads the bodies of requests into memory. */
export interface BodyReceiver {
  /**
   * Resolves to the body's bytes as they came. Rejects with `RejectedError`: `body-too-large` as soon as it is, `overloaded-bodies`
   * where the lease gives no more, `aborted` where the client goes away, and with what `fail` says.
   */
  receive(request: IncomingMessage, lease: Pick<ByteLease, 'take'>): Promise<Buffer>;
  /** Ends the reading from this connection; false where no body is being read from it. */
  fail(socket: Socket, why: Rejection): boolean;
}

/** `mostBytes` is what a body may have. */
export function createBodyReceiver({ mostBytes }: { mostBytes: number }): BodyReceiver {
  /** HTTP/1.1 brings one body at a time over a connection, pipelined or not. */
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
    /** Judges the next `bytes`, with which there are `total`. */
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
