import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  /** As UTF-8. */
  body: string;
  bytes: Buffer;
}

export interface HttpReceiver {
  port: number;
  /** `http://127.0.0.1:<port>`. */
  origin: string;
  received: ReceivedRequest[];
  /** Sets the answer to all further requests. */
  answer: (answering: (response: ServerResponse, request: ReceivedRequest) => void) => void;
  close: () => Promise<void>;
}

/** A real HTTP server on a free loopback port that records its requests. It answers 204 unless told otherwise. */
export async function startHttpReceiver(): Promise<HttpReceiver> {
  const received: ReceivedRequest[] = [];
  const plain = (response: ServerResponse) => void response.writeHead(204).end();
  let answering: (response: ServerResponse, request: ReceivedRequest) => void = plain;
  const server = createServer((incoming, response) => {
    void readBody(incoming).then((bytes) => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: bytes.toString('utf8'), bytes };
      received.push(request);
      answering(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on a port, not on a pipe.
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    received,
    answer: (next) => {
      answering = next;
    },
    close: () => closeServer(server),
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
