import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * `Expect` headers (RFC 9110, 10.1.1). Node would tell every client to go on with its body before anybody has looked at the
 * request; this waits until the body is wanted.
 */
export interface Expectations {
  /** False where the client expects what this server does not do. */
  canBeMet(request: IncomingMessage): boolean;
  /** Tells a client that waits for it to send the body. */
  askForBody(request: IncomingMessage, response: ServerResponse): void;
}

/** Of a server that has not begun to listen. */
export function watchExpectations(server: Server): Expectations {
  const waiting = new WeakSet<IncomingMessage>();
  const unmet = new WeakSet<IncomingMessage>();
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    unmet.add(request);
    server.emit('request', request, response);
  });
  return {
    canBeMet: (request) => !unmet.has(request),
    askForBody(request, response) {
      if (waiting.has(request)) response.writeContinue();
    },
  };
}
