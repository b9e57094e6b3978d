import { type Server, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { BodyReceiver } from './body-receiver.ts';
import { problemOf, rejectionOf, type EdgeReason, type Rejection } from './rejection.ts';

/** Node's error codes for a connection that does not carry valid HTTP. */
const reasonsByCode: Record<string, EdgeReason> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_INVALID_EOF_STATE: 'aborted',
  ECONNRESET: 'aborted',
};

/**
 * Answers requests that Node's parser gives up on: malformed ones, headers over the limit, requests that take too long to arrive.
 * If the error is in a body, its request is answered in the usual way. If another answer is under way, the connection just
 * closes. A connection that never sent anything is not a request; it closes without an answer.
 */
export function createClientErrorHandler(deps: {
  bodies: Pick<BodyReceiver, 'fail'>;
  exchanges: Pick<Exchanges, 'underWay'>;
  onRejected: (rejection: Rejection, socket: Socket) => void;
}): (error: Error & { code?: string }, socket: Socket) => void {
  return (error, socket) => {
    const rejection: Rejection = { ...rejectionOf(reasonsByCode[error.code ?? ''] ?? 'malformed'), restIsLost: true };
    if (deps.bodies.fail(socket, rejection)) return;
    const silent = error.code === 'ECONNRESET' || socket.bytesRead === 0;
    if (silent || !socket.writable || deps.exchanges.underWay(socket)) {
      socket.destroy();
      return;
    }
    deps.onRejected(rejection, socket);
    socket.write(rawAnswer(rejection));
    socket.destroySoon();
  };
}

/** Tracks which connections are in the middle of a request or its answer. */
export interface Exchanges {
  /** Starts tracking. Call it before the server listens. */
  watch(server: Server): void;
  underWay(socket: Socket): boolean;
}

export function createExchanges(): Exchanges {
  const counts = new WeakMap<Socket, number>();
  const change = (socket: Socket, by: number) => counts.set(socket, (counts.get(socket) ?? 0) + by);
  return {
    watch(server) {
      server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
        change(socket, 1);
        response.once('close', () => change(socket, -1));
      });
    },
    underWay: (socket) => (counts.get(socket) ?? 0) > 0,
  };
}

function rawAnswer({ status, reason }: Rejection): string {
  const body = JSON.stringify(problemOf(reason));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Rejected'}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
