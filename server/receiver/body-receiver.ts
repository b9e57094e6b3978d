import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteLease } from './byte-budget.ts';
import { refusal, RefusedError, retryAfterSeconds, type Refusal } from './refusals.ts';

/** Reads the bodies of requests into memory. */
export interface BodyReceiver {
  /**
   * Resolves to the body's bytes as they came. Rejects with `RefusedError`: `body-too-large` as soon as it is, `shed-bodies`
   * where the lease gives no more, `aborted` where the client goes away, and with what `fail` says.
   */
  receive(request: IncomingMessage, lease: Pick<ByteLease, 'take'>): Promise<Buffer>;
  /** Ends the reading from this connection; false where no body is being read from it. */
  fail(socket: Socket, why: Refusal): boolean;
}

/** `mostBytes` is what a body may have. */
export function createBodyReceiver({ mostBytes }: { mostBytes: number }): BodyReceiver {
  /** HTTP/1.1 brings one body at a time over a connection, pipelined or not. */
  const reading = new WeakMap<Socket, (why: Refusal) => void>();
  return {
    async receive(request, lease) {
      const { socket } = request;
      try {
        return await read(request, {
          take(bytes, total) {
            if (total > mostBytes) return refusal('body-too-large');
            return lease.take(bytes) ? null : refusal('shed-bodies', { retryAfterSeconds: retryAfterSeconds.soon });
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
    take: (bytes: number, total: number) => Refusal | null;
    onStart: (fail: (why: Refusal) => void) => void;
  },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const onData = (chunk: Buffer) => {
      total += chunk.length;
      const refused = options.take(chunk.length, total);
      if (refused !== null) fail(refused);
      else chunks.push(chunk);
    };
    const onEnd = () => {
      stopListening();
      resolve(Buffer.concat(chunks, total));
    };
    const onAbort = () => fail(refusal('aborted'));
    const stopListening = () => {
      request.off('data', onData).off('end', onEnd).off('close', onAbort);
    };
    const fail = (why: Refusal) => {
      stopListening();
      reject(new RefusedError(why));
    };
    options.onStart(fail);
    // An error is followed by `close`; without this listener it would end the process.
    request.on('error', () => undefined);
    request.on('data', onData).on('end', onEnd).on('close', onAbort);
  });
}
