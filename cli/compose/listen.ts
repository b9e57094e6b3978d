import type { FastifyInstance } from 'fastify';
import { KaitError } from '../../errors.ts';

/** Starts listening. Resolves to the URL for clients on this machine. Throws KAIT_PORT_IN_USE, which names the setting. */
export async function listen(
  app: FastifyInstance,
  { host, port, setting }: { host: string; port: number; setting: string },
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    const message = `Port ${port} on ${host} is in use by another program. Stop that program, or set ${setting} to another port.`;
    throw new KaitError('KAIT_PORT_IN_USE', message, { cause: error });
  }
  const address = app.server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${actual}`;
}
