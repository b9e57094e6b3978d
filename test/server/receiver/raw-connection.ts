import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection over which a test says whatever it likes. */
export interface RawConnection {
  socket: Socket;
  send(bytes: string | Buffer): void;
  /** All that has come so far. */
  received(): string;
  /** Resolves when `text` has come; rejects where the connection ends without it. */
  until(text: string): Promise<void>;
  /** Resolves to all that came, when the server has closed the connection. */
  closed(): Promise<string>;
}

/** `from` is the address of the loopback from which it comes. */
export async function openConnection(port: number, from = '127.0.0.1'): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
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

/** Says `text`, and resolves to all that came until the server closed the connection. */
export async function say(port: number, text: string | Buffer, from?: string): Promise<string> {
  const connection = await openConnection(port, from);
  connection.send(text);
  return connection.closed();
}

/** A request as text, with a content-length of its body unless `headers` say otherwise. */
export function requestText(
  line: string,
  headers: Record<string, string | number> = {},
  body: string | Buffer = '',
): Buffer {
  const all = { host: 'kait.test', 'content-length': Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
}

/** Status lines of answers, in order. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** The code in the JSON of an answer that the receiver made itself. */
export function codeIn(text: string): string | undefined {
  return /"code":"([^"]*)"/.exec(text)?.[1];
}
