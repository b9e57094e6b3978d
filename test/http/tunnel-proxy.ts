import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface TunnelProxy {
  port: number;
  /** The targets of CONNECT, such as `127.0.0.1:443`. */
  targets: string[];
  /** The `proxy-authorization` of each. */
  credentials: (string | undefined)[];
  close: () => Promise<void>;
}

/** A real HTTP proxy on loopback that opens tunnels, also to names. `refuse` may answer another status for a target. */
export async function startTunnelProxy(refuse: (target: string) => number | null = () => null): Promise<TunnelProxy> {
  const targets: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => void response.writeHead(400).end());
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.on('connect', (request, client: Socket) => {
    const target = request.url ?? '';
    targets.push(target);
    credentials.push(request.headers['proxy-authorization']);
    const status = refuse(target);
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
    const open = () => {
      // A name means this machine, as it would to a proxy that resolves it.
      const upstream = connect(Number(port), /^[\d.]+$/.test(host) ? host : '127.0.0.1');
      upstream.on('error', () => client.destroy());
      upstream.on('connect', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
    };
    const answer = status === null ? open : () => void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    credentials,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
