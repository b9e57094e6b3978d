import type { Server } from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import { readAddress, senderNetwork } from '../../http/networks.ts';

/** Of the connections, the share that one sender may hold, so that one alone cannot keep all the others out. */
const shareOfOne = 0.75;

/**
 * Lets a server have at most `total` connections at once; more are closed as soon as they are made. One sender may hold three
 * quarters of them, unless `isProxy` says that its address stands for many. Connections without a request end by the
 * server's own time-outs.
 */
export function limitConnections(
  server: Server,
  deps: { total: number; isProxy: (address: string) => boolean; onRejected: (address: string) => void },
): void {
  const most = Math.max(1, Math.floor(deps.total * shareOfOne));
  const open = new Map<string, number>();
  server.maxConnections = deps.total;
  server.on('drop', (dropped?: DropArgument) =>
    deps.onRejected(readAddress(dropped?.remoteAddress ?? '') ?? 'unknown'),
  );
  server.on('connection', (socket: Socket) => {
    const address = readAddress(socket.remoteAddress ?? '') ?? 'unknown';
    if (deps.isProxy(address)) return;
    const sender = senderNetwork(address);
    const count = (open.get(sender) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      deps.onRejected(address);
      return;
    }
    open.set(sender, count);
    socket.once('close', () => {
      const left = (open.get(sender) ?? 1) - 1;
      if (left > 0) open.set(sender, left);
      else open.delete(sender);
    });
  });
}
