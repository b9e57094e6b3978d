import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { Dispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sendHttpRequest } from '../../activities/http-request.ts';
import { KaitError } from '../../errors.ts';
import { findFreePort } from '../../embedded/free-port.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { parseNetworks } from '../../http/networks.ts';
import { readSecretBindings } from '../../language/check/secrets-file.ts';
import { contextOf, fixtureTime } from './activity-fixture.ts';
import { type HttpReceiver, startHttpReceiver } from './http-receiver.ts';
import { mailCertificate, mailCertificateKey } from './mail/mail-certificate.ts';

/* What a step with a secret can fail with. Its error goes into Temporal's history, into logs and to `catch`. */

const secret = 'Bearer sk_live_4711-0815';
/** The secret, and what is derived from it. */
const forms = ['sk_live_4711-0815', '4711-0815', Buffer.from(secret).toString('base64').slice(0, 16)];

let dispatcher: Dispatcher;
let receiver: HttpReceiver;
beforeAll(() => {
  dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.1']), resolve: resolveBySystem });
});
afterAll(() => dispatcher.destroy());
beforeEach(async () => {
  receiver = await startHttpReceiver();
});
afterEach(() => receiver.close());

const hosts = ['127.0.0.1', 'localhost', '10.0.0.1', 'nowhere.invalid', '*.api.shop.example'];

async function failureOf(url: string, lookupSecret: () => string = () => secret): Promise<unknown> {
  const { port } = new URL(url);
  const entry = { hosts: hosts.map((host) => (port === '' ? host : `${host}:${port}`)) };
  const text = JSON.stringify({ KAIT_SECRET_TOKEN: entry });
  const { bindings } = readSecretBindings({ file: 'secrets.json', text });
  const attempt = () => ({
    timeoutMs: 500,
    pauseMs: 1_000,
    canceled: new AbortController().signal,
    stopping: new AbortController().signal,
  });
  const deps = {
    ...{ clock: () => fixtureTime, dispatcher, attempt, userAgent: 'Kait/test', lookupSecret },
    secretBindings: () => Promise.resolve(bindings ?? new Map<string, never>()),
  };
  const headers = { authorization: { secret: 'KAIT_SECRET_TOKEN' } };
  return sendHttpRequest(deps, { url, headers }, contextOf('run/step')).then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

/** Everything that Temporal and the log keep of an error. */
function keptOf(error: unknown): string {
  const { message, stack, details, cause } = error as Error & { details?: unknown };
  return JSON.stringify([String(error), message, stack, details, String(cause)]);
}

function expectNoSecretIn(error: unknown): void {
  expect(forms.filter((form) => keptOf(error).includes(form))).toEqual([]);
}

describe('a failed request shows no secret', () => {
  it.each<[string, (response: Parameters<Parameters<HttpReceiver['answer']>[0]>[0]) => void, string]>([
    ['is refused with an echo', (response) => response.writeHead(401, secret).end(secret), 'ResponseRefused'],
    [
      'is to be repeated',
      (response) => response.writeHead(503, { 'retry-after': secret }).end(secret),
      'ReceiverUnavailable',
    ],
    ['is redirected', (response) => response.writeHead(302, { location: `/?${secret}` }).end(), 'ResponseRefused'],
    ['gets half an answer', (response) => response.write(secret, () => response.destroy()), 'ReceiverUnavailable'],
    ['gets too much', (response) => response.end(secret.repeat(20_000)), 'ResponseTooLarge'],
    ['gets none in time', (response) => response.write(secret), 'TimedOut'],
    ['gets no HTTP', (response) => response.socket?.end(`${secret}\r\n\r\n`), 'ReceiverUnavailable'],
    [
      'gets a header that is none',
      (response) => response.socket?.end(`HTTP/1.1 200 OK\r\n${secret}\r\n\r\n`),
      'ReceiverUnavailable',
    ],
  ])('that %s', async (_how, answer, type) => {
    receiver.answer(answer);
    const error = await failureOf(`${receiver.origin}/path?key=hidden`);
    expect(error).toMatchObject({ type });
    expect(receiver.received).toHaveLength(1);
    expectNoSecretIn(error);
    expect(keptOf(error)).not.toContain('hidden');
  });

  it.each([
    ['whose name is unknown', 'https://nowhere.invalid/?key=hidden', 'ReceiverUnavailable'],
    ['into a private network', 'https://10.0.0.1/?key=hidden', 'AddressRefused'],
    ['with a secret in the user part', 'https://sk_live_4711-0815@api.shop.example/', 'InputInvalid'],
  ])('%s', async (_what, url, type) => {
    const error = await failureOf(url);
    expect(error).toMatchObject({ type });
    expectNoSecretIn(error);
    expect(keptOf(error)).not.toContain('hidden');
  });

  it('to a port where nobody listens', async () => {
    const error = await failureOf(`http://127.0.0.1:${await findFreePort()}/`);
    expect(error).toMatchObject({ type: 'ReceiverUnavailable' });
    expectNoSecretIn(error);
  });

  it.each(['1', '0'])('to a server that nobody vouches for, with NODE_TLS_REJECT_UNAUTHORIZED=%s', async (verified) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', verified);
    onTestFinished(() => void vi.unstubAllEnvs());
    const heard: Buffer[] = [];
    const server = createTlsServer({ key: mailCertificateKey, cert: mailCertificate }, (socket) => {
      socket.on('data', (chunk: Buffer) => heard.push(chunk));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const error = await failureOf(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(error).toMatchObject({
      type: 'ReceiverUnavailable',
      message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
    });
    expectNoSecretIn(error);
    expect(heard).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('that no header can hold', async () => {
    const error = await failureOf(receiver.origin, () => `${secret}\r\nhost: evil.test`);
    expect(error).toMatchObject({ type: 'InputInvalid' });
    expectNoSecretIn(error);
  });

  it('that cannot be read, which is the operator’s to correct and never in doubt', async () => {
    const error = await failureOf(receiver.origin, () => {
      throw new KaitError('KAIT_CONFIG_INVALID', 'KAIT_SECRET_TOKEN_FILE names a file that cannot be read (EACCES)');
    });
    expect(error).toMatchObject({
      type: 'SecretUnavailable',
      nonRetryable: true,
      message: 'KAIT_SECRET_TOKEN_FILE names a file that cannot be read (EACCES)',
      details: [{ effect: 'none' }],
    });
  });
});
