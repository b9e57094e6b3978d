import { createHash, createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dispatcher } from 'undici';
import type { ActivityInput } from '../../activities/engine-activities.ts';
import { type HttpRequestDeps, sendHttpRequest } from '../../activities/http-request.ts';
import { parseNetworks } from '../../http/networks.ts';
import { readSecretBindings } from '../../language/check/secrets-file.ts';
import type { CallContext } from '../../language/definition.ts';
import { findFreePort } from '../../embedded/free-port.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { contextOf, fixtureTime } from './activity-fixture.ts';
import { type HttpReceiver, startHttpReceiver } from './http-receiver.ts';

const secret = 'tok"en-4711';

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

/** What `secrets.json` says. */
const bindings = (hosts: string[], definitions?: string[]) => () => {
  const entry = { hosts, ...(definitions && { definitions }) };
  const names = ['KAIT_SECRET_TOKEN', 'KAIT_SECRET_LINES', 'KAIT_SECRET_NONE'];
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, entry])));
  return Promise.resolve(readSecretBindings({ file: 'secrets.json', text }).bindings ?? new Map<string, never>());
};

const send = (
  input: Partial<ActivityInput<'http.request'>>,
  changes: Partial<HttpRequestDeps> = {},
  context: Partial<CallContext> = {},
) =>
  sendHttpRequest(
    {
      clock: () => fixtureTime,
      dispatcher,
      lookupSecret: (name) =>
        new Map([
          ['KAIT_SECRET_TOKEN', secret],
          ['DATABASE_URL', 'postgres://x'],
          ['KAIT_SECRET_LINES', 'a\nb-4711-c'],
        ]).get(name),
      secretBindings: bindings([`127.0.0.1:${receiver.port}`]),
      attempt: () => ({
        timeoutMs: 5_000,
        pauseMs: 8_000,
        canceled: new AbortController().signal,
        stopping: new AbortController().signal,
      }),
      userAgent: 'Kait/test',
      ...changes,
    },
    { url: `${receiver.origin}/path?key=hidden`, ...input },
    { ...contextOf('run/step'), ...context },
  );

const attemptOf = (timeoutMs: number) => () => ({
  timeoutMs,
  pauseMs: 8_000,
  canceled: new AbortController().signal,
  stopping: new AbortController().signal,
});

describe('http.request', () => {
  it('parses a JSON answer and returns any other as text', async () => {
    receiver.answer((response) =>
      response.setHeader('content-type', 'application/problem+json; charset=utf-8').end('{"a":[1]}'),
    );
    expect(await send({})).toMatchObject({ status: 200, body: { a: [1] } });
    receiver.answer((response) => response.setHeader('content-type', 'text/html').end('{"a":[1]}'));
    expect(await send({})).toMatchObject({ status: 200, body: '{"a":[1]}' });
    receiver.answer((response) => response.setHeader('content-type', 'application/json').end('{broken'));
    expect(await send({})).toMatchObject({ status: 200, body: '{broken' });
    expect(receiver.received[0]).toMatchObject({ method: 'GET', path: '/path?key=hidden', body: '' });
  });

  it('posts a JSON value as JSON and text as text, with an idempotency key', async () => {
    await send({ body: { a: 1 } });
    await send({ body: 'a=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, method: 'PUT' });
    const key = `req_${createHash('sha256').update('run/step').digest('hex').slice(0, 32)}`;
    expect(receiver.received).toMatchObject([
      { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json', 'idempotency-key': key } },
      {
        method: 'PUT',
        body: 'a=1',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'idempotency-key': key },
      },
    ]);
  });

  it('fills in a secret, and removes it from an answer that echoes it', async () => {
    receiver.answer((response, { headers }) => {
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ echo: `<${headers['x-token'] as string}>` }));
    });
    expect(await send({ headers: { 'X-Token': { secret: 'KAIT_SECRET_TOKEN' } } })).toMatchObject({
      status: 200,
      body: { echo: '<[secret]>' },
    });
    expect(receiver.received[0]?.headers['x-token']).toBe(secret);
  });

  it.each([
    ['application/json', '{"tok\\u0022en-4711":["\\u0074ok\\"en-4711"]}', { '[secret]': ['[secret]'] }],
    ['application/json', '{"a":"dG9rImVuLTQ3MTE="}', { a: '[secret]' }],
    ['text/html', '<b>tok&quot;en-4711 746f6b22656e2d34373131</b>', '<b>[secret] [secret]</b>'],
    ['application/json', '{"broken":"tok\\"en-4711"', '{"broken":"[secret]"'],
  ])('removes a secret in another form from the %s %s', async (type, body, shown) => {
    receiver.answer((response) => response.setHeader('content-type', type).end(body));
    expect(await send({ headers: { 'X-Token': { secret: 'KAIT_SECRET_TOKEN' } } })).toMatchObject({
      status: 200,
      body: shown,
    });
  });

  it.each([
    ['DATABASE_URL', 'Expected a secret named KAIT_SECRET_…, got "DATABASE_URL"'],
    ['STRIPE_WEBHOOK_SECRET', 'Expected a secret named KAIT_SECRET_…, got "STRIPE_WEBHOOK_SECRET"'],
    ['KAIT_SECRET_NONE', 'KAIT_SECRET_NONE is not configured'],
  ])('refuses the secret %s and sends nothing', async (name, message) => {
    await expect(send({ headers: { 'x-token': { secret: name } } })).rejects.toMatchObject({
      type: 'SecretUnavailable',
      nonRetryable: true,
      message,
    });
    expect(receiver.received).toEqual([]);
  });

  const token = { 'x-token': { secret: 'KAIT_SECRET_TOKEN' } };

  it.each([
    ['http://127.0.0.2/', '127.0.0.2'],
    ['http://localhost/', 'localhost'],
    ['http://127.0.0.1.shop.example/', 'http://127.0.0.1.shop.example'],
    ['https://api.shop.example.evil.test/', 'api.shop.example.evil.test'],
    ['https://api.shop.example:8443/', 'api.shop.example:8443'],
    ['https://API.SHOP.EXAMPLE.evil.test./x?y=z', 'api.shop.example.evil.test'],
    ['https://xn--pi-7ja.shop.example/', 'xn--pi-7ja.shop.example'],
    ['https://[::1]/', '[::1]'],
  ])('sends a secret to no host but those of its entry, as %s, and does not look it up', async (url, host) => {
    const looked: string[] = [];
    const lookupSecret = (name: string) => {
      looked.push(name);
      return secret;
    };
    const secretBindings = bindings(['127.0.0.1', 'api.shop.example']);
    await expect(send({ url, headers: token }, { secretBindings, lookupSecret })).rejects.toMatchObject({
      type: 'SecretNotAllowed',
      nonRetryable: true,
      details: [{ effect: 'none' }],
      message:
        `KAIT_SECRET_TOKEN may not be sent to ${new URL(url).origin}, only to 127.0.0.1, api.shop.example. ` +
        `To allow it, add "${host}" to the "hosts" of KAIT_SECRET_TOKEN in definitions/secrets.json.`,
    });
    expect(looked).toEqual([]);
  });

  it('refuses a URL that hides its host behind an allowed one', async () => {
    const url = `http://127.0.0.1:${receiver.port}@localhost:${receiver.port}/`;
    await expect(send({ url, headers: token })).rejects.toMatchObject({ type: 'InputInvalid' });
    expect(receiver.received).toEqual([]);
  });

  it('counts the port as a part of the host', async () => {
    await expect(send({ headers: token }, { secretBindings: bindings(['127.0.0.1']) })).rejects.toMatchObject({
      type: 'SecretNotAllowed',
    });
    expect(receiver.received).toEqual([]);
  });

  it('sends no secret in plain text to another machine unless the entry says so', async () => {
    const url = 'http://shop.internal/';
    await expect(send({ url, headers: token }, { secretBindings: bindings(['shop.internal']) })).rejects.toMatchObject({
      type: 'SecretNotAllowed',
      message:
        'KAIT_SECRET_TOKEN may not be sent over http://, because anybody on the way could read it. Use https://. To allow it ' +
        'anyway, add "http://shop.internal" to the "hosts" of KAIT_SECRET_TOKEN in definitions/secrets.json.',
    });
    const secretBindings = bindings(['http://shop.internal']);
    await expect(send({ url, headers: token }, { secretBindings })).rejects.toMatchObject({
      type: 'ReceiverUnavailable',
    });
  });

  it('sends a secret without an entry nowhere', async () => {
    const secretBindings = () => Promise.resolve(new Map());
    await expect(send({ headers: token }, { secretBindings })).rejects.toMatchObject({
      type: 'SecretNotAllowed',
      message:
        'KAIT_SECRET_TOKEN has no entry in definitions/secrets.json, so it is sent nowhere. ' +
        `To allow this host, add "KAIT_SECRET_TOKEN": { "hosts": ["127.0.0.1:${receiver.port}"] }.`,
    });
    expect(receiver.received).toEqual([]);
  });

  it.each([
    [undefined, 'The definition may not use KAIT_SECRET_TOKEN. To allow it, add its name'],
    ['payout', 'The definition "payout" may not use KAIT_SECRET_TOKEN. To allow it, add "payout"'],
  ])('sends a secret of other definitions for %s nowhere', async (definition, message) => {
    const secretBindings = bindings([`127.0.0.1:${receiver.port}`], ['refund', 'refunds']);
    await expect(send({ headers: token }, { secretBindings }, { definition })).rejects.toMatchObject({
      type: 'SecretNotAllowed',
      message: `${message} to the "definitions" of KAIT_SECRET_TOKEN in definitions/secrets.json.`,
    });
    expect(receiver.received).toEqual([]);
    await send({ headers: token }, { secretBindings }, { definition: 'refund' });
    expect(receiver.received[0]?.headers['x-token']).toBe(secret);
  });

  it.each([301, 302, 303, 307, 308])('sends no second request to where a %i leads', async (status) => {
    const elsewhere = await startHttpReceiver();
    receiver.answer((response) => response.writeHead(status, { location: `${elsewhere.origin}/` }).end());
    await expect(send({ headers: token })).rejects.toMatchObject({ type: 'ResponseRefused' });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('needs no secrets.json for a request without a secret', async () => {
    const secretBindings = () => Promise.reject(new Error('unreadable'));
    expect(await send({ headers: { 'x-plain': 'text' } }, { secretBindings })).toMatchObject({ status: 204 });
  });

  it.each([
    [{ headers: { host: 'evil.example' } }, 'http.request: `headers`: "host" cannot be set'],
    [{ headers: { 'Transfer-Encoding': 'chunked' } }, 'http.request: `headers`: "Transfer-Encoding" cannot be set'],
    [{ headers: { 'a b': 'c' } }, 'http.request: `headers`: "a b" cannot be set'],
    [
      { headers: { a: 'b\r\nc: d' } },
      'http.request: `headers.a`: the value contains characters that are not allowed in a header',
    ],
    [
      { headers: { a: { secret: 'KAIT_SECRET_LINES' } } },
      'http.request: `headers.a`: the value contains characters that are not allowed in a header',
    ],
    [{ method: 'GET' as const, body: 1 }, 'http.request: `body`: a GET request cannot have one'],
    [{ url: 'file:///etc/passwd' }, 'http.request: `url`: expected an http or https URL'],
    [{ url: 'http://u:p@127.0.0.1/' }, 'http.request: `url`: put credentials into a header with a secret'],
  ])('refuses %j for good', async (input, message) => {
    await expect(send(input)).rejects.toMatchObject({ type: 'InputInvalid', nonRetryable: true, message });
    expect(receiver.received).toEqual([]);
  });

  it.each([301, 400, 401, 404, 409, 422])(
    'ends for good at %i, without the query or the body in the message',
    async (status) => {
      receiver.answer((response) => response.writeHead(status, { location: '/elsewhere' }).end('private'));
      await expect(send({})).rejects.toMatchObject({
        type: 'ResponseRefused',
        nonRetryable: true,
        message: `GET ${receiver.origin}/path: answered ${status}`,
        details: [{ status, answer: { status, body: 'private', headers: { location: '/elsewhere' } } }],
      });
      expect(receiver.received).toHaveLength(1);
    },
  );

  it.each([408, 425, 429, 500, 502, 503])('is retried after %i, when Retry-After says', async (status) => {
    receiver.answer((response) => response.writeHead(status, { 'retry-after': '9' }).end());
    await expect(send({})).rejects.toMatchObject({
      type: 'ReceiverUnavailable',
      nonRetryable: false,
      nextRetryDelay: 9_000,
    });
  });

  it.each(['1', '8', 'Wed, 25 Nov 2026 07:00:00 GMT', '-1', '0.5', '1, 9', 'soon', ''])(
    'leaves the pause of 8 s to the retry policy if Retry-After is %j',
    async (retryAfter) => {
      receiver.answer((response) => response.writeHead(503, { 'retry-after': retryAfter }).end());
      await expect(send({})).rejects.toMatchObject({ type: 'ReceiverUnavailable', nextRetryDelay: undefined });
    },
  );

  it('treats exactly the statuses that the step expects as success', async () => {
    receiver.answer((response) => response.writeHead(404).end());
    expect(await send({ expect: [200, 404] })).toEqual({ status: 404, body: '', headers: {} });
    receiver.answer((response) => response.writeHead(201).end());
    await expect(send({ expect: [200, 404] })).rejects.toMatchObject({ type: 'ResponseRefused' });
  });

  it('keeps the headers that say where and what an answer is, those that the step names, and never a cookie', async () => {
    receiver.answer((response) => {
      response.writeHead(201, {
        Location: '/payments/p1',
        'Content-Type': 'text/plain',
        'Set-Cookie': 'session=1',
        'X-Payment-Id': 'p1',
        'X-Auth-Token': 'somebody',
        Link: `<${'a'.repeat(2_050)}>`,
      });
      response.end();
    });
    const kept = { 'content-type': 'text/plain', location: '/payments/p1' };
    expect(await send({})).toEqual({ status: 201, body: '', headers: kept });
    expect(await send({ keepHeaders: ['X-Payment-ID', 'set-cookie', 'x-none'] })).toEqual({
      status: 201,
      body: '',
      headers: { ...kept, 'x-payment-id': 'p1' },
    });
  });

  it.each([
    ['as JSON', 'application/json', '{"code":"declined"}', { code: 'declined' }],
    ['as text', 'text/plain', 'declined', 'declined'],
    ['cut if it is long', 'text/plain', 'd'.repeat(5_000), `${'d'.repeat(4_095)}…`],
    ['cut if it is long JSON', 'application/json', `["${'d'.repeat(5_000)}"]`, `["${'d'.repeat(4_093)}…`],
  ])('hands an unexpected answer to the handlers of the failure, its body %s', async (_how, type, body, shown) => {
    receiver.answer((response) => response.writeHead(422, { 'content-type': type, 'set-cookie': 'a=b' }).end(body));
    await expect(send({})).rejects.toMatchObject({
      details: [{ answer: { status: 422, body: shown, headers: { 'content-type': type } } }],
    });
  });

  it('sends a form, in which a list repeats its name and null is left out', async () => {
    await send({ form: { grant_type: 'client credentials', 'metadata[order]': 'A&1', n: [1, true], none: null } });
    expect(receiver.received[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client+credentials&metadata%5Border%5D=A%261&n=1&n=true',
    });
  });

  it('fills secrets into a form and a body, at their places only', async () => {
    const value = { secret: 'KAIT_SECRET_TOKEN' };
    await send({ form: { id: 'shop', key: null }, fill: [{ at: ['form', 'key'], value }] });
    await send({ body: { list: [{ key: null }], echo: value }, fill: [{ at: ['body', 'list', 0, 'key'], value }] });
    expect(receiver.received[0]?.body).toBe('id=shop&key=tok%22en-4711');
    expect(receiver.received[1]?.body).toBe(JSON.stringify({ list: [{ key: secret }], echo: value }));
  });

  it.each([[['body', 'b']], [['body', 'a', 'length']], [['body', 'toString']], [['query', 'a']]])(
    'refuses to fill %j, which is no place of the request',
    async (at) => {
      const fill = [{ at, value: { secret: 'KAIT_SECRET_TOKEN' } }];
      await expect(send({ body: { a: [] }, fill })).rejects.toMatchObject({ type: 'InputInvalid' });
      expect(receiver.received).toEqual([]);
    },
  );

  it('signs the body as it is sent, and masks what it made of the secret in the answer', async () => {
    receiver.answer((response, { headers }) =>
      response.end(`${headers['x-signature'] as string} ${headers.authorization}`),
    );
    const key = { secret: 'KAIT_SECRET_TOKEN' };
    const headers = {
      'x-signature': { concat: ['v1=', { hmac: { key } }] },
      authorization: { concat: ['Basic ', { base64: { concat: ['shop:', key] } }] },
    };
    const { body } = await send({ body: { a: 'é' }, headers });
    const signature = createHmac('sha256', secret).update('{"a":"é"}').digest('hex');
    expect(receiver.received[0]?.headers).toMatchObject({
      'x-signature': `v1=${signature}`,
      authorization: `Basic ${Buffer.from(`shop:${secret}`).toString('base64')}`,
    });
    expect(body).toBe('v1=[secret] Basic [secret]');
  });

  it.each([
    [{ body: 1, form: {} }, 'http.request: `form`: a request has a body or a form, not both'],
    [{ method: 'GET' as const, form: {} }, 'http.request: `form`: a GET request cannot have one'],
  ])('refuses the body of %j', async (input, message) => {
    await expect(send(input)).rejects.toMatchObject({ type: 'InputInvalid', message });
  });

  it('fails permanently on an answer that is too large, and is retried after one that breaks off', async () => {
    receiver.answer((response) => response.end(Buffer.alloc(262_145)));
    await expect(send({})).rejects.toMatchObject({ type: 'ResponseTooLarge', nonRetryable: true });
    receiver.answer((response) => response.end(Buffer.alloc(262_144, 'x')));
    expect((await send({})).body).toHaveLength(262_144);
    receiver.answer((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('part', () => response.destroy());
    });
    await expect(send({})).rejects.toMatchObject({ type: 'ReceiverUnavailable', nonRetryable: false });
  });

  it('ends a slow answer and a slow body at the time limit, as TimedOut', async () => {
    receiver.answer(() => undefined);
    await expect(send({}, { attempt: attemptOf(100) })).rejects.toMatchObject({
      type: 'TimedOut',
      message: `GET ${receiver.origin}/path: no answer within 100 ms`,
      nonRetryable: false,
      details: [{ effect: 'unknown' }],
    });
    receiver.answer((response) => response.writeHead(200).write('slow'));
    await expect(send({}, { attempt: attemptOf(400) })).rejects.toMatchObject({
      type: 'TimedOut',
      message: `GET ${receiver.origin}/path: the answer took too long`,
    });
  });

  it('lets a request under way finish if its step is canceled', async () => {
    const canceling = new AbortController();
    receiver.answer((response) => {
      canceling.abort();
      response.end('done');
    });
    const attempt = () => ({ ...attemptOf(60_000)(), canceled: canceling.signal });
    expect(await send({}, { attempt })).toEqual({ status: 200, body: 'done', headers: {} });
  });

  it('ends a request if its worker stops and cannot wait', async () => {
    const stopping = new AbortController();
    receiver.answer(() => stopping.abort());
    const stopped = { type: 'ReceiverUnavailable', nonRetryable: false, details: [{ effect: 'unknown' }] };
    const attempt = () => ({ ...attemptOf(60_000)(), stopping: stopping.signal });
    await expect(send({}, { attempt })).rejects.toMatchObject(stopped);
    await expect(send({}, { attempt })).rejects.toMatchObject(stopped);
    expect(receiver.received).toHaveLength(1);
  });

  it.each([
    [400, 'none'],
    [409, 'none'],
    [429, 'none'],
    [408, 'unknown'],
    [500, 'unknown'],
    [302, 'unknown'],
    [200, 'unknown'],
  ])('says of an unexpected %i whether the request may have had its effect', async (status, effect) => {
    receiver.answer((response) => response.writeHead(status).end());
    await expect(send({ expect: [201] })).rejects.toMatchObject({ details: [{ status, effect }] });
  });

  it('knows that a request without a connection had no effect, and that one which broke off may have', async () => {
    const port = await findFreePort();
    await expect(send({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({
      type: 'ReceiverUnavailable',
      details: [{ effect: 'none' }],
    });
    receiver.answer((response) => response.destroy());
    await expect(send({})).rejects.toMatchObject({ type: 'ReceiverUnavailable', details: [{ effect: 'unknown' }] });
  });

  it('adds the encoded query to the URL’s own', async () => {
    await send({ query: { name: 'a b&c', page: 2, tag: ['x', 'y'], none: null } });
    expect(receiver.received[0]).toMatchObject({ path: '/path?key=hidden&name=a+b%26c&page=2&tag=x&tag=y' });
  });

  it('refuses an address that is not allowed, and names the setting that would allow it', async () => {
    const url = `http://127.0.0.2:${receiver.port}/`;
    await expect(send({ url })).rejects.toMatchObject({
      type: 'AddressRefused',
      nonRetryable: true,
      message: `GET ${url}: 127.0.0.2 leads into a private network. To allow it, add the network to KAIT_OUTBOUND_ALLOW`,
    });
    expect(receiver.received).toEqual([]);
  });
});
