import { createServer } from 'node:net';

/** Finds a TCP port that is free at this moment. Another process may take it before the caller does. */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  const port = await listenOnce(0, host);
  if (port === undefined) throw new Error(`No free port on ${host}`);
  return port;
}

/** Resolves to false if something listens on the port already, or if this user may not listen on it. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await listenOnce(port, host)) !== undefined;
}

/** Returns the first of the candidates that is free, or any free port if none is. Undefined candidates are passed over. */
export async function firstFreePort(candidates: readonly (number | undefined)[]): Promise<number> {
  for (const port of candidates) if (port !== undefined && (await isPortFree(port))) return port;
  return findFreePort();
}

/** Listens for an instant. Resolves to the port, or undefined if it is taken or forbidden. */
function listenOnce(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' ? address?.port : undefined);
      });
    });
  });
}
