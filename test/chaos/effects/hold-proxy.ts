import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket, connect } from 'node:net';

/** Where in its transaction an activity is held. */
export type HoldAt = 'effect' | 'record' | 'before-commit' | 'after-commit';

/** Stands between a worker and PostgreSQL. */
export interface HoldProxy {
  port: number;
  /** From now on, each transaction that writes to `table` is held there; null lets all pass. */
  holdAt(point: HoldAt | null): void;
  /** How many are held. */
  held(): number;
  close(): Promise<void>;
}

/**
 * Starts the proxy on the loopback. To hold means that the worker hears no more: `effect` after the insert into `table` was done, `record`
 * after the result was stored beside it, `after-commit` after both were committed. At `before-commit` the server has not got the commit.
 */
export async function startHoldProxy(target: { port: number; table: string }): Promise<HoldProxy> {
  let point: HoldAt | null = null;
  let held = 0;
  const sockets = new Set<Socket>();
  const server = createServer((worker) => {
    const database = connect(target.port, '127.0.0.1');
    for (const socket of [worker, database]) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          worker.destroy();
          database.destroy();
        });
    }
    let hasEffect = false;
    let silent = false;
    let counted = false;
    const count = () => {
      if (!counted) held += 1;
      counted = true;
    };
    worker.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      const isEffect = text.includes(`insert into ${target.table}`);
      const isCommit = hasEffect && text.startsWith('Q') && text.includes('commit\0');
      hasEffect ||= isEffect;
      if (isCommit && point === 'before-commit') return count();
      silent ||=
        (isEffect && point === 'effect') ||
        (hasEffect && text.includes('update activity_results set output') && point === 'record') ||
        (isCommit && point === 'after-commit');
      database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (silent) count();
      else worker.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    holdAt(next) {
      point = next;
      held = 0;
    },
    held: () => held,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
