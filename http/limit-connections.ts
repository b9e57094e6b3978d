import type { Server } from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import { readAddress, senderNetwork } from './networks.ts';

/** The share of the connections that one sender may hold, so that it cannot keep the others out. */
const shareOfOne = 0.75;

/**
 * Limits a server to `total` connections at once and closes further ones immediately. One sender may hold three quarters of them,
 * unless `isProxy` says that its address stands for many senders. Connections that other sockets hand over count as well: see
 * `cli/compose/listen.ts`.
 */
export function limitConnections(
  server: Server,
  deps: { total: number; isProxy: (address: string) => boolean; onRejected: (address: string) => void },
): void {
  const most = Math.max(1, Math.floor(deps.total * shareOfOne));
  const bySender = new Map<string, number>();
  let all = 0;
  server.maxConnections = deps.total; // Node counts only the connections of this socket, but drops them sooner.
  server.on('drop', (dropped?: DropArgument) =>
    deps.onRejected(readAddress(dropped?.remoteAddress ?? '') ?? 'unknown'),
  );
  server.on('connection', (socket: Socket) => {
    const address = readAddress(socket.remoteAddress ?? '') ?? 'unknown';
    const sender = deps.isProxy(address) ? null : senderNetwork(address);
    const count = sender === null ? 0 : (bySender.get(sender) ?? 0);
    if (all >= deps.total || count >= most) {
      socket.destroy();
      deps.onRejected(address);
      return;
    }
    all += 1;
    if (sender !== null) bySender.set(sender, count + 1);
    socket.once('close', () => {
      all -= 1;
      if (sender === null) return;
      const left = (bySender.get(sender) ?? 1) - 1;
      if (left > 0) bySender.set(sender, left);
      else bySender.delete(sender);
    });
  });
}
