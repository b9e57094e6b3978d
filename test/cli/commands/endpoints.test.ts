import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addEndpoint, editEndpoint, rotateEndpoint } from '../../../cli/commands/endpoints/change.ts';
import { showEndpoint, showEndpoints } from '../../../cli/commands/endpoints/look.ts';
import { removeEndpoint, setEndpointState, testEndpoint } from '../../../cli/commands/endpoints/operate.ts';
import { rotateKey } from '../../../cli/commands/secrets.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import type { ApiClient } from '../../../cli/api-client.ts';
import { fakeApi } from '../fake-api.ts';

const by = expect.stringContaining('@') as string;
const nothing = {
  ...{ description: '', tenant: null, filter: null, transform: null, timeLimit: null, schedule: null, rate: null },
  ...{ concurrency: null, ordering: null, signature: null, permanent: null, disableAfter: null },
  ...{ disabledReason: null, failingSince: null, openUntil: null, createdAt: '2026-01-01T00:00:00.000Z' },
};
const credentials = {
  ...{ headers: ['x-api-key'], auth: null, clientCertificate: false, publicKey: null },
  signing: [{ key: 'v1', until: null }],
};
const endpoint = {
  ...{ id: 'ep_1', version: 3, url: 'https://shop.example/', patterns: ['order.*'], state: 'enabled', credentials },
  ...nothing,
};

describe('kait endpoints add', () => {
  it('says what the options say, and shows what the receiver needs', async () => {
    const { api, asked } = fakeApi({ ...endpoint, secret: 'whsec_1' });
    const options = {
      ...{ events: ['order.*'], tenant: 'acme', header: [['x-team', 'shop'] as [string, string]], signature: 'v1,v1a' },
      ...{ schedule: '0s, 5s', rate: '2.5', concurrency: '3', orderBy: 'data.orderId', permanent: ['404', '422'] },
      ...{ filter: '{"==": [{"var": "data.country"}, "ID"]}', timeLimit: '5s', disableAfter: 'never' },
    };
    expect(await addEndpoint(api, 'https://shop.example', options)).toBe(
      [
        'Added ep_1: order.* → https://shop.example/',
        'Secret: whsec_1',
        'Give the secret to the receiver now: it is not shown again.',
        'Requests are signed by Standard Webhooks: the headers webhook-id, webhook-timestamp and webhook-signature. ' +
          'Libraries of https://www.standardwebhooks.com verify them; the same webhook-id is the same message.',
      ].join('\n'),
    );
    expect(asked).toEqual([
      [
        'POST /endpoints',
        {
          ...{ url: 'https://shop.example', patterns: ['order.*'], tenant: 'acme', by, headers: { 'x-team': 'shop' } },
          ...{ signature: { standard: ['v1', 'v1a'] }, schedule: ['0s', '5s'], rate: 2.5, concurrency: 3 },
          ...{ ordering: { fifo: 'data.orderId' }, permanent: [404, 422], timeLimit: '5s', disableAfter: 'never' },
          filter: { '==': [{ var: 'data.country' }, 'ID'] },
        },
      ],
    ]);
  });

  it('takes secrets from a file', async () => {
    const file = join(await temporaryFolder(), 'secrets.json');
    await writeFile(file, '{"headers": {"x-api-key": "hush"}, "auth": {"kind": "bearer", "token": "t"}}');
    const { api, asked } = fakeApi({ ...endpoint, secret: null });
    await addEndpoint(api, 'https://shop.example', { events: ['*'], secrets: file });
    expect(asked).toMatchObject([
      ['POST /endpoints', { headers: { 'x-api-key': 'hush' }, auth: { kind: 'bearer', token: 't' } }],
    ]);
  });

  it.each([
    ['{"headers": {"x-api-key": "hush"', '.'],
    ['["hush"]', '.'],
    ['{"password": "hush"}', ', and it has "password".'],
  ])('says what is wrong with the secrets %s, and not what they are', async (text, end) => {
    const file = join(await temporaryFolder(), 'secrets.json');
    await writeFile(file, text);
    const adding = addEndpoint(fakeApi().api, 'https://shop.example', { events: ['*'], secrets: file });
    const message = `Expected ${file} to be a JSON object with some of headers, auth, clientCertificate, secret${end}`;
    await expect(adding).rejects.toMatchObject({ code: 'KAIT_USAGE', message });
  });

  it('tells the receiver how an HMAC of its own is made', async () => {
    const signature = { hmac: { header: 'x-signature', prefix: 'sha256=', timestampHeader: 'x-time' } };
    const { api } = fakeApi({ ...endpoint, signature, secret: 'whsec_1' });
    expect(await addEndpoint(api, 'https://shop.example', { events: ['*'] })).toContain(
      'The header x-signature is "sha256=" and the HMAC-SHA256 of x-time, a dot and the body in hex.',
    );
  });
});

describe('kait endpoints edit', () => {
  it('changes what is named, if nobody else changes it meanwhile', async () => {
    const { api, asked, conditions } = fakeApi(endpoint, { ...endpoint, secret: null });
    const options = { rate: 'default', removeHeader: ['x-one'], header: [['x-two', '2'] as [string, string]] };
    expect(await editEndpoint(api, 'ep_1', options)).toBe('Changed ep_1: headers, rate.');
    expect(asked).toEqual([
      'GET /endpoints/ep_1',
      ['PATCH /endpoints/ep_1', { rate: null, headers: { 'x-one': null, 'x-two': '2' }, by }],
    ]);
    expect(conditions).toEqual([null, '"3"']);
  });

  it('is about the version that was looked at, if that is named', async () => {
    const { api, asked, conditions } = fakeApi({ ...endpoint, secret: null });
    await editEndpoint(api, 'ep_1', { rate: '2', ifVersion: 2 });
    expect(asked).toEqual([['PATCH /endpoints/ep_1', { rate: 2, by }]]);
    expect(conditions).toEqual(['"2"']);
  });

  it('needs something to change', async () => {
    await expect(editEndpoint(fakeApi().api, 'ep_1', {})).rejects.toMatchObject({ code: 'KAIT_USAGE' });
  });
});

describe('kait endpoints', () => {
  it('rotates the keys, and says until when the old ones sign', async () => {
    const signing = [
      { key: 'v1', until: null },
      { key: 'v1', until: '2026-01-02T00:00:00.000Z' },
    ];
    const { api, asked } = fakeApi({ ...endpoint, credentials: { ...credentials, signing }, secret: 'whsec_2' });
    expect(await rotateEndpoint(api, 'ep_1', { overlap: '1h' })).toMatch(
      /^Made new signing keys for ep_1\. The old keys sign beside them until 2026-01-02T00:00:00\.000Z\.\nSecret: whsec_2\n/,
    );
    expect(asked).toEqual([['POST /endpoints/ep_1/rotate', { by, overlap: '1h' }]]);
  });

  it('shows an endpoint with its defaults', async () => {
    expect(await showEndpoint(fakeApi({ ...endpoint, rate: 2, filter: { '!!': [1] } }).api, 'ep_1', {})).toBe(
      [
        'ep_1',
        '  state          enabled',
        '  url            https://shop.example/',
        '  events         order.*',
        '  filter         {"!!":[1]}',
        '  signature      v1 (default)',
        '  keys           v1',
        '  headers        x-api-key',
        '  time limit     15s (default)',
        '  schedule       KAIT_OUTBOUND_SCHEDULE (default)',
        '  rate           2 per second',
        '  concurrency    10 (default)',
        '  disable after  5d (default)',
        '  created        2026-01-01T00:00:00.000Z',
        '  version        3',
      ].join('\n'),
    );
  });

  it('lists endpoints with what is wrong with them', async () => {
    const failing = { ...endpoint, id: 'ep_2', failingSince: '2026-01-01T00:00:00.000Z' };
    const gone = { ...endpoint, id: 'ep_3', state: 'disabled', disabledReason: '410 Gone', tenant: 'acme' };
    const list = await showEndpoints(fakeApi({ items: [endpoint, failing, gone], next: null }).api, { limit: 100 });
    expect(list.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^ep_1 {2}enabled /),
      expect.stringMatching(/^ep_2 {2}failing since 2026-01-01T00:00:00\.000Z /),
      expect.stringMatching(/^ep_3 {2}disabled: 410 Gone +acme /),
    ]);
  });

  it.each([
    ['pause', 'Paused ep_1. Its deliveries are parked until "kait endpoints resume ep_1".'],
    ['resume', 'Resumed ep_1. What was parked is sent first.'],
  ] as const)('can %s an endpoint', async (verb, said) => {
    const { api, asked } = fakeApi(endpoint);
    expect(await setEndpointState(api, 'ep_1', verb)).toBe(said);
    expect(asked).toEqual([[`POST /endpoints/ep_1/${verb}`, { by }]]);
  });

  it.each<[string, (api: ApiClient) => Promise<string>]>([
    ['edit', (api) => editEndpoint(api, 'ep_1', { rate: '2', ifVersion: 2 })],
    ['pause', (api) => setEndpointState(api, 'ep_1', 'pause', { ifVersion: 2 })],
    ['resume', (api) => setEndpointState(api, 'ep_1', 'resume', { ifVersion: 2 })],
    ['rotate', (api) => rotateEndpoint(api, 'ep_1', { ifVersion: 2 })],
    ['remove', (api) => removeEndpoint(api, 'ep_1', { ifVersion: 2 })],
  ])('says how to look again, if somebody else was faster to change what %s is about', async (_verb, change) => {
    const problem = { status: 412, code: 'changed-meanwhile', detail: 'The endpoint was changed meanwhile.' };
    const { api, conditions } = fakeApi(Response.json(problem, { status: 412 }));
    await expect(change(api)).rejects.toThrow(
      'Nothing was changed: somebody else has changed ep_1 meanwhile. Look at it with "kait endpoints show ep_1", and try again.',
    );
    expect(conditions).toEqual(['"2"']);
  });

  it('removes an endpoint', async () => {
    const { api } = fakeApi(new Response(null, { status: 204 }));
    expect(await removeEndpoint(api, 'ep_1')).toBe('Removed ep_1. Its unfinished deliveries have ended as refused.');
  });

  const tested = { delivery: 'dlv_1', messageId: 'msg_1', reason: null };
  const attempt = { status: 200, error: null, durationMs: 42, timings: null };
  it.each([
    [{ state: 'delivered', attempt }, true, 'kait.test (msg_1) was accepted with HTTP 200\n42 ms'],
    [
      { state: 'exhausted', attempt: { ...attempt, status: 500, error: 'HTTP 500' } },
      false,
      'kait.test (msg_1) failed: HTTP 500\n42 ms',
    ],
    [
      { state: 'refused', reason: 'the transformation failed', attempt: null },
      false,
      'Sent nothing within 25 s: kait.test (msg_1). It is refused: the transformation failed. The delivery is dlv_1.',
    ],
    [
      { state: 'pending', attempt: null },
      false,
      'Sent nothing within 25 s: kait.test (msg_1). No worker has sent it yet. The delivery is dlv_1.',
    ],
  ])('tests an endpoint: %j', async (outcome, delivered, text) => {
    expect(await testEndpoint(fakeApi({ ...tested, ...outcome }).api, 'ep_1')).toEqual({ text, delivered });
  });
});

it.each([
  [true, 'Made a new key. The secrets of all endpoints are sealed with the key 0a1b (2 were not before).'],
  [false, 'Keys behind it in KAIT_SECRETS_KEY can be taken away from every server and worker.'],
])('kait secrets rotate-key says what to do with the old key: %s', async (made, said) => {
  expect(await rotateKey(fakeApi({ resealed: 2, key: '0a1b', made }).api)).toContain(said);
});
