import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { KaitError } from '../../errors.ts';

/** Starts listening. Resolves to the URL for clients on this machine. Throws KAIT_PORT_IN_USE, which names the setting. */
export async function listen(
  app: FastifyInstance,
  { host, port, setting }: { host: string; port: number; setting: string },
): Promise<string> {
  try {
    if (host.toLowerCase() === 'localhost') await listenOnBoth(app, port);
    else await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    const message = `Port ${port} on ${host} is in use by another program. Stop that program, or set ${setting} to another port.`;
    throw new KaitError('KAIT_PORT_IN_USE', message, { cause: error });
  }
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${portOf(app) ?? port}`;
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
