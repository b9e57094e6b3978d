import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { lazyTemporalAccess } from '../../../cli/compose/temporal-access.ts';
import { findFreePort } from '../../../embedded/free-port.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function problemAt(address: string, { namespace = 'default', home = 'none', ...options } = {}) {
  const access = lazyTemporalAccess({ address, ...options }, { namespace, home }, null);
  onTestFinished(() => access.close());
  return access.problem(1_000);
}

it('finds nothing wrong with a Temporal that has the namespace', async () => {
  expect(await problemAt(inject('temporal').address)).toBeNull();
});

it('names a namespace that does not exist', async () => {
  const { address } = inject('temporal');
  expect(await problemAt(address, { namespace: 'none' })).toBe(
    `There is no namespace "none" at ${address}. Create it, or correct TEMPORAL_NAMESPACE`,
  );
});

it('says that nothing listens at a closed port', async () => {
  const address = `127.0.0.1:${await findFreePort()}`;
  expect(await problemAt(address)).toBe(`Nothing listens at ${address}`);
});

it('says that a host is unknown', async () => {
  expect(await problemAt('temporal.invalid:7233')).toBe('The host of temporal.invalid:7233 is unknown');
});

it('tells a web server from Temporal', async () => {
  const address = await listening(createHttpServer((_request, response) => response.end('hello')));
  expect(await problemAt(address)).toMatch(
    new RegExp(
      `^Something listens at ${address}, but it does not answer as Temporal does. Check the port, and whether`,
    ),
  );
});

it('does not wait for a server that accepts connections and says nothing', async () => {
  const address = await listening(createServer((socket) => onTestFinished(() => void socket.destroy())));
  expect(await problemAt(address)).toMatch(/^Something listens at .* Temporal did not answer within 1000 ms$/);
});

it('says it if only one end uses TLS', async () => {
  expect(await problemAt(inject('temporal').address, { tls: true } as object)).toMatch(/whether both ends use TLS/);
});

it('says that the embedded server of the folder does not run because its own address is configured', async () => {
  const home = await temporaryFolder();
  const port = await findFreePort();
  await writeFile(join(home, 'temporal.json'), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'long ago', port }));
  expect(await problemAt(`localhost:${port}`, { home })).toBe(
    `Nothing listens at localhost:${port}. The embedded Temporal of ${home} was there; "kait up" and "kait dev" start it only if TEMPORAL_ADDRESS is not set`,
  );
});
