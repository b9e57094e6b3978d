import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../../embedded/free-port.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { runKait, startKait } from './kait-command.ts';

/* `kait up` and `kait dev` with a TEMPORAL_ADDRESS where no Temporal is: webhooks are accepted, and everything says what is wrong. */

const closed = async () => `127.0.0.1:${await findFreePort()}`;
const web = () => listening(createHttpServer((_request, response) => response.end('hello')));
const silent = () => listening(createServer((socket) => onTestFinished(() => void socket.destroy())));

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function start(folder: string, command: string, address: string) {
  const environment = { TEMPORAL_ADDRESS: address };
  const kait = startKait(folder, [command], environment);
  onTestFinished(async () => {
    await kait.end('SIGTERM');
  });
  const [, url = ''] = await kait.untilOutput(/Accepting webhooks at (\S+)/);
  return { kait, url, run: (...args: string[]) => runKait(folder, args, environment) };
}

it.each([
  { command: 'up', where: 'at a closed port', find: closed, says: /Nothing listens at 127\.0\.0\.1:\d+/ },
  { command: 'up', where: 'at a host that is unknown', find: () => 'temporal.invalid:7233', says: /The host of temporal\.invalid:7233 is unknown/ }, // prettier-ignore
  { command: 'up', where: 'at a web server', find: web, says: /Something listens at 127\.0\.0\.1:\d+, but it does not answer as Temporal does/ }, // prettier-ignore
  { command: 'dev', where: 'at a server that never answers', find: silent, says: /Something listens at 127\.0\.0\.1:\d+, but it does not answer as Temporal does/ }, // prettier-ignore
])('$command accepts webhooks $where', async ({ command, find, says }) => {
  const folder = await temporaryFolder();
  const address = await find();
  const { kait, url, run } = await start(folder, command, address);
  await kait.untilOutput(new RegExp(`› ${says.source}.*Webhooks are accepted and stored; their runs start once`));
  expect((await run('send', 'stripe', 'payment_intent.succeeded')).output).toContain('→ 200');
  expect((await run('events')).output).toMatch(/payment\.succeeded .*pending/);
  const response = await fetch(`${url}/readyz`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: 'degraded', temporal: 'unreachable', database: 'reachable' });
  const asked = await run('status');
  expect(asked.output).toContain(address);
  expect(asked.output).toMatch(says);
});

it('says that TEMPORAL_ADDRESS turns off the embedded server whose address it is', async () => {
  const folder = await temporaryFolder();
  const port = await findFreePort();
  const first = startKait(folder, ['up']);
  await first.untilOutput(/Stop: Ctrl-C/);
  await first.end('SIGTERM');
  const record = JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'long ago', port, namespace: 'default' });
  await writeFile(join(folder, '.kait/temporal.json'), record);
  const { kait } = await start(folder, 'up', `127.0.0.1:${port}`);
  await kait.untilOutput(
    /The embedded Temporal of \S+ was there; "kait up" and "kait dev" start it only if TEMPORAL_ADDRESS is not set/,
  );
});
