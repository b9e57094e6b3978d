import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../../cli/compose/listen.ts';
import type { Database } from '../../../storage/database.ts';
import { createTestApi } from '../../server/api/api-fixture.ts';
import { openConnection, requestText, say, statusesIn } from '../../server/receiver/raw-connection.ts';
import { openReceiver, signed, type ReceiverOptions } from '../../server/receiver/receiver-fixture.ts';

const inbox = { storeAll: () => Promise.resolve([{ duplicate: false, rowId: 1, claimed: false }]) };
const addresses = ['127.0.0.1', '::1'];
const last = { connection: 'close' };

let app: FastifyInstance;
afterEach(() => app.close());

async function openOnLocalhost(options: ReceiverOptions = {}) {
  const receiver = await openReceiver(inbox, { host: 'localhost', ...options });
  app = receiver.app;
  const reasons = () => receiver.rejections.map(({ reason, address }) => `${address}: ${reason}`);
  return { port: receiver.port, reasons };
}

async function genuine(): Promise<Buffer> {
  const request = await signed();
  return requestText('POST /in/stripe', { ...request.headers, ...last }, request.body);
}

describe.each(addresses)('the receiver on localhost, at %s', (address) => {
  it('takes webhooks', async () => {
    const { port } = await openOnLocalhost();
    expect(statusesIn(await say(port, await genuine(), address))).toEqual([200]);
  });

  it('limits the connections of one sender', async () => {
    const { port, reasons } = await openOnLocalhost({ limits: { connections: 8 } });
    await Promise.all(Array.from({ length: 6 }, () => openConnection(port, address)));
    expect(await (await openConnection(port, address)).closed()).toBe('');
    expect(reasons()).toEqual([`${address}: too-many-connections`]);
  });

  it('disconnects a client that sends its headers too slowly', async () => {
    const { port, reasons } = await openOnLocalhost({ limits: { requestTimeoutMs: 200 } });
    const connection = await openConnection(port, address);
    connection.send('POST /in/stripe HTTP/1.1\r\nhost: kait\r\nx-slow: ');
    const timer = setInterval(() => connection.send('x'), 20);
    onTestFinished(() => clearInterval(timer));
    expect(statusesIn(await connection.closed())).toEqual([408]);
    expect(reasons()).toEqual([`${address}: request-timeout`]);
  });

  it('answers what is no HTTP, and counts it', async () => {
    const { port, reasons } = await openOnLocalhost();
    expect(statusesIn(await say(port, 'hello?\r\n\r\n', address))).toEqual([400]);
    expect(reasons()).toEqual([`${address}: malformed`]);
  });

  it('rejects headers over the limit', async () => {
    const { port, reasons } = await openOnLocalhost({ limits: { headerBytes: 1_000 } });
    const text = requestText('POST /in/stripe', { 'x-large': 'x'.repeat(2_000), ...last });
    expect(statusesIn(await say(port, text, address))).toEqual([431]);
    expect(reasons()).toEqual([`${address}: headers-too-large`]);
  });

  it('asks for a body only once the headers have passed', async () => {
    const { port } = await openOnLocalhost();
    const text = 'POST /in/nobody HTTP/1.1\r\nhost: kait\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n';
    expect(statusesIn(await say(port, text, address))).toEqual([404]);
  });

  it('is closed with the server, which does not wait for a silent client', async () => {
    const { port } = await openOnLocalhost({ limits: { requestTimeoutMs: 400 } });
    const silent = await openConnection(port, address);
    const idle = await openConnection(port, address);
    idle.send(requestText('POST /in/stripe', {}));
    await app.close();
    expect(await silent.closed()).toBe('');
    const socket = connect({ port, host: address });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});

it('limits the connections of both addresses of localhost together', async () => {
  const { port, reasons } = await openOnLocalhost({ limits: { connections: 8 } });
  await Promise.all(Array.from({ length: 5 }, () => openConnection(port, '127.0.0.1')));
  await Promise.all(Array.from({ length: 3 }, () => openConnection(port, '::1')));
  expect(await (await openConnection(port, '::1')).closed()).toBe('');
  expect(await (await openConnection(port, '127.0.0.1')).closed()).toBe('');
  expect(reasons()).toEqual(['::1: too-many-connections', '127.0.0.1: too-many-connections']);
});

it.each(addresses)('limits the connections to the API on localhost, at %s', async (address) => {
  app = createTestApi({ database: {} as Database }); // No route is asked.
  const port = Number(new URL(await listen(app, { host: 'localhost', port: 0, setting: 'KAIT_ADMIN_PORT' })).port);
  await Promise.all(Array.from({ length: 300 }, () => openConnection(port, address)));
  expect(await (await openConnection(port, address)).closed()).toBe('');
});

it('fails if another program has the port at the other address of localhost', async () => {
  const other = createServer();
  other.listen({ host: '::1', port: 0 });
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  app = fastify();
  await expect(listen(app, { host: 'localhost', port, setting: 'KAIT_PORT' })).rejects.toMatchObject({
    code: 'KAIT_PORT_IN_USE',
    message: `Port ${port} on localhost is in use by another program. Stop that program, or set KAIT_PORT to another port.`,
  });
  other.close();
  await once(other, 'close');
});
