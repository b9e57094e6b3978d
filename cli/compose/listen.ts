import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config.ts';
import { KaitError } from '../../errors.ts';

/** Where to listen, and the setting that says so. Port 0 is any free one. */
export interface ListenAddress {
  host: string;
  port: number;
  setting: string;
}

/**
 * Throws KAIT_PORT_IN_USE if one of the addresses is taken, so that nobody waits for servers to start before hearing of it. Another
 * program may still take it before `listen` does.
 */
export async function requireFree(addresses: readonly ListenAddress[]): Promise<void> {
  for (const address of addresses) {
    const probe = createServer();
    try {
      probe.listen({ host: address.host, port: address.port });
      await once(probe, 'listening');
    } catch (error) {
      // `listen` names any other problem.
      if (codeOf(error) === 'EADDRINUSE') throw portInUse(address, error);
    }
    if (probe.listening) await once(probe.close(), 'close');
  }
}

/** Where the server listens. */
export function listenAddresses({ receiver, admin }: Pick<Config, 'receiver' | 'admin'>) {
  return {
    receiver: { host: receiver.host, port: receiver.port, setting: 'KAIT_PORT' },
    admin: { host: admin.host, port: admin.port, setting: 'KAIT_ADMIN_PORT' },
  } satisfies Record<string, ListenAddress>;
}

/** Starts listening. Resolves to the URL for clients on this machine. Throws KAIT_PORT_IN_USE, which names the setting. */
export async function listen(app: FastifyInstance, address: ListenAddress): Promise<string> {
  const { host, port } = address;
  try {
    if (host.toLowerCase() === 'localhost') await listenOnBoth(app, port);
    else await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    throw portInUse(address, error);
  }
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${portOf(app) ?? port}`;
}

function portInUse({ host, port, setting }: ListenAddress, cause: unknown): KaitError {
  const message = `Port ${port} on ${host} is in use by another program. Stop that program, or set ${setting} to another port.`;
  return new KaitError('KAIT_PORT_IN_USE', message, { cause });
}

/**
 * Listens on the two addresses of `localhost`. Given the name, Fastify would open a second server with none of the limits and handlers
 * of the first. Here a second socket hands its connections to the one server, so that everything holds for both together.
 */
async function listenOnBoth(app: FastifyInstance, port: number): Promise<void> {
  const second = createServer({ allowHalfOpen: true, noDelay: true }); // As HTTP servers are.
  second.on('connection', (socket: Socket) => app.server.emit('connection', socket));
  second.on('drop', (dropped) => app.server.emit('drop', dropped));
  let closed: Promise<unknown> = Promise.resolve();
  app.addHook('preClose', (done) => {
    if (second.listening) closed = once(second, 'close');
    second.close();
    done();
  });
  app.addHook('onClose', async () => {
    await closed;
  });
  await app.listen({ host: '127.0.0.1', port });
  second.maxConnections = app.server.maxConnections;
  try {
    second.listen({ host: '::1', port: portOf(app) ?? port });
    await once(second, 'listening');
  } catch (error) {
    if (!withoutIpv6.has(codeOf(error))) throw error;
  }
}

/** What a machine answers that has no IPv6. */
const withoutIpv6 = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

function portOf(app: FastifyInstance): number | undefined {
  const address = app.server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
