import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
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
 * Answers what Node's parser gives up on: malformed requests, headers over the limit, requests that do not arrive in time. Where
 * the mistake is in a body, the request that has it is answered in the usual way; where another answer is under way, the
 * connection just ends. A connection that never said anything ends without a word and is no request.
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

/** Which connections are in the middle of a request or its answer. */
export interface Exchanges {
  /** Of a server that has not begun to listen. */
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
