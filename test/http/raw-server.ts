import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawServer {
  port: number;
  origin: string;
  /** What each connection has sent so far. */
  received: string[];
  /** How many connections are open. */
  open: () => number;
  close: () => Promise<void>;
}

/** A TCP server on a free loopback port that answers each request as `answer` says, byte for byte. */
export async function startRawServer(answer: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  const server = createServer((socket) => {
    const index = received.push('') - 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    socket.on('data', (chunk) => {
      received[index] = received[index]! + chunk.toString('latin1');
      answer(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on a port, not on a pipe.
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    received,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Writes the same bytes again and again, as fast as the other side takes them, until the connection closes. */
export function flood(socket: Socket, bytes: string): void {
  const pour = () => {
    while (!socket.destroyed && socket.write(bytes)) continue;
  };
  socket.on('drain', pour);
  pour();
}
