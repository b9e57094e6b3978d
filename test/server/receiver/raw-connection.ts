import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP connection on which a test can send any text. */
export interface RawConnection {
  socket: Socket;
  send(bytes: string | Buffer): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves when `text` has been received. Rejects if the connection ends without it. */
  until(text: string): Promise<void>;
  /** Resolves to everything received when the server has closed the connection. */
  closed(): Promise<string>;
}

/** Connects from the loopback address `from`, to 127.0.0.1 or `::1`. */
export async function openConnection(port: number, from = '127.0.0.1'): Promise<RawConnection> {
  const socket = connect({ port, host: from === '::1' ? '::1' : '127.0.0.1', localAddress: from });
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined); // A reset is one way to end.
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  await once(socket, 'connect');
  const received = () => Buffer.concat(chunks).toString('latin1');
  return {
    socket,
    received,
    send: (bytes) => void socket.write(bytes),
    async until(text) {
      while (!received().includes(text)) {
        if (socket.destroyed) throw new Error(`The connection ended with ${JSON.stringify(received())}`);
        await Promise.race([once(socket, 'data'), ended]);
      }
    },
    async closed() {
      await ended;
      return received();
    },
  };
}

/** Sends `text` and resolves to everything received until the server closed the connection. */
export async function say(port: number, text: string | Buffer, from?: string): Promise<string> {
  const connection = await openConnection(port, from);
  connection.send(text);
  return connection.closed();
}

/** Returns a request as text, with the content-length of its body unless `headers` has another. */
export function requestText(
  line: string,
  headers: Record<string, string | number> = {},
  body: string | Buffer = '',
): Buffer {
  const all = { host: 'kait.test', 'content-length': Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
}

/** The statuses of the answers, in order. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** The error code in one of the receiver's own JSON answers. */
export function codeIn(text: string): string | undefined {
  return /"code":"([^"]*)"/.exec(text)?.[1];
}
