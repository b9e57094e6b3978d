import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findFreePort } from '../../embedded/free-port.ts';
import { startTemporalServer, type EmbeddedTemporal } from '../../embedded/temporal-server.ts';
import { openUiGate } from '../../embedded/ui-gate.ts';
import { openUiSession } from '../../embedded/ui-session.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';

/*
 * What a page in the operator's browser can send to the real server: whatever HTTP/1.1 a browser produces, to every port of
 * 127.0.0.1, under the page's own (rebound) name or under this machine's.
 */

const folder = sharedTemporaryFolder();
const cleanUp: (() => unknown)[] = [];
let server: EmbeddedTemporal;
let connection: Connection;
let client: Client;
let gatePort: number;
/** The server's ports on 127.0.0.1: gRPC of four services, the HTTP API, and metrics. */
let ports: number[];

beforeAll(async () => {
  const { cliPath } = inject('temporal');
  server = await startTemporalServer({
    ...{ cliPath, folder: folder.path, port: await findFreePort() },
    report: () => undefined,
  });
  cleanUp.push(() => server.stop());
  const session = await openUiSession(join(folder.path, 'web-ui.json'));
  const gate = await openUiGate({ session, upstream: server.ui! });
  cleanUp.push(() => gate.close());
  gatePort = session.port;
  connection = await Connection.connect({ address: server.address });
  cleanUp.push(() => connection.close());
  client = new Client({ connection });
  await client.workflow.start('waits', { workflowId: 'victim', taskQueue: 'nobody' });
  const listening = await portsOf(server.pid);
  ports = listening.filter(({ host }) => host === '127.0.0.1').map(({ port }) => port);
});
afterAll(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

const api = '/api/v1/namespaces/default';
const start = '{"workflowType":{"name":"x"},"taskQueue":{"name":"q"}}';
const schedule =
  '{"schedule":{"spec":{"interval":[{"interval":"60s"}]},"action":{"startWorkflow":{"workflowId":"s"}}}}';
const batch =
  '{"jobId":"j","reason":"r","visibilityQuery":"WorkflowType=\'waits\'","terminationOperation":{"identity":"x"}}';

const unrouted = 'HTTP API: no such route';
const requests: [what: string, method: string, path: string, body: string, httpApi?: string][] = [
  ['start a run', 'POST', `${api}/workflows/page-1`, start],
  ['start a run by the other path', 'POST', '/namespaces/default/workflows/page-2', start],
  ['start an activity', 'POST', `${api}/activities/page-3`, '{"activityType":{"name":"x"},"taskQueue":{"name":"q"}}'],
  ['signal a run', 'POST', `${api}/workflows/victim/signal/decide`, '{"input":[true]}'],
  ['signal with start', 'POST', `${api}/workflows/page-4/signal-with-start/decide`, start],
  ['update a run', 'POST', `${api}/workflows/victim/update/steer`, '{"request":{"input":{"name":"steer"}}}'],
  ['cancel a run', 'POST', `${api}/workflows/victim/cancel`, '{}'],
  ['terminate a run', 'POST', `${api}/workflows/victim/terminate`, '{}'],
  ['reset a run', 'POST', `${api}/workflows/victim/reset`, '{}'],
  ['terminate all runs', 'POST', `${api}/batch-operations/j`, batch],
  ['create a schedule', 'POST', `${api}/schedules/page-5`, schedule],
  ['delete a schedule', 'DELETE', `${api}/schedules/page-5`, ''],
  [
    'create a namespace',
    'POST',
    '/api/v1/namespaces',
    '{"namespace":"page","workflowExecutionRetentionPeriod":"86400s"}',
  ],
  ['create a namespace by the other path', 'POST', '/cluster/namespaces', '{"namespace":"page"}'],
  ['change the namespace', 'POST', `${api}/update`, '{"updateInfo":{"description":"page"}}'],
  [
    'create a search attribute',
    'POST',
    `/cluster/namespaces/default/search-attributes`,
    '{"searchAttributes":{"Page":2}}',
    unrouted,
  ],
  ['limit a task queue', 'POST', `${api}/task-queues/q/update-config`, '{}'],
  ['list the runs', 'GET', `${api}/workflows`, ''],
  ['read a history', 'GET', `${api}/workflows/victim/history`, ''],
  ['list the namespaces', 'GET', '/cluster/namespaces', ''],
  ['put something', 'PUT', `${api}/workflows/victim`, '{}', unrouted],
  ['ask what is allowed', 'OPTIONS', `${api}/workflows/page-1`, '', unrouted],
  [
    'call gRPC over HTTP/1.1',
    'POST',
    '/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces',
    '\0\0\0\0\0',
    unrouted,
  ],
];

const pages: [which: string, host: (port: number) => string, headers: string[]][] = [
  [
    'a rebound page',
    (port) => `attacker.example:${port}`,
    ['sec-fetch-site: same-origin', 'x-csrf-token: 1', 'cookie: _csrf=1'],
  ],
  [
    'a blind form',
    (port) => `127.0.0.1:${port}`,
    ['origin: https://attacker.example', 'sec-fetch-site: cross-site', 'sec-fetch-mode: no-cors'],
  ],
  ['a page that names no origin', (port) => `localhost:${port}`, []],
];

/** What each port answers, by the beginning of its answer. */
const kinds: [kind: string, pattern: RegExp][] = [
  // gRPC is HTTP/2 from its first byte: an HTTP/1.1 request gets a SETTINGS frame and the end of the connection.
  ['gRPC: closed', /^not HTTP\/1\.1$/],
  ['HTTP API: refused', /^403 {"code": 7, "message": "Host not allowed"}$/],
  [
    'HTTP API: no such route',
    /^(?:404 {"code":5,"message":"Not Found"}|501 {"code":12,"message":"Method Not Allowed"})$/,
  ],
  ['metrics: no such route', /^404 404 page not found$/],
  ['gate: refused', /^(?:401|403|421) <!doctype html>/],
];
const grpcPorts = ['gRPC: closed', 'gRPC: closed', 'gRPC: closed', 'gRPC: closed'];

describe.runIf(process.platform === 'linux').each(pages)('%s', (_which, host, headers) => {
  it.each(requests)('cannot %s', async (_what, method, path, body, httpApi = 'HTTP API: refused') => {
    const answers = await Promise.all(
      [...ports, gatePort].map((port) => answer(port, method, path, host(port), headers, body)),
    );
    const seen = answers.map((each) => kinds.find(([, pattern]) => pattern.test(each))?.[0] ?? each);
    expect(seen.sort()).toEqual([httpApi, 'gate: refused', 'metrics: no such route', ...grpcPorts].sort());
  });
});

describe.runIf(process.platform === 'linux')('after all of that', () => {
  it('nothing was started or changed', async () => {
    const { workflowService, operatorService } = connection;
    const namespace = 'default';
    const { count } = await workflowService.countWorkflowExecutions({ namespace, query: '' });
    expect(Number(count)).toBe(1);
    const victim = client.workflow.getHandle('victim');
    expect((await victim.describe()).status.name).toBe('RUNNING');
    const { events } = await victim.fetchHistory();
    expect(events?.map(({ eventType }) => eventType)).toEqual([1, 5]); // Started, and its first task scheduled.
    expect((await workflowService.listSchedules({ namespace })).schedules).toEqual([]);
    expect((await workflowService.listBatchOperations({ namespace })).operationInfo).toEqual([]);
    const { namespaces } = await workflowService.listNamespaces({});
    expect(namespaces.map(({ namespaceInfo }) => namespaceInfo?.name).sort()).toEqual(['default', 'temporal-system']);
    expect(Object.keys((await operatorService.listSearchAttributes({ namespace })).customAttributes)).not.toContain(
      'Page',
    );
  });

  it('the Web UI listens nowhere on 127.0.0.1, and nothing listens beyond this machine', async () => {
    const listening = await portsOf(server.pid);
    expect(listening.filter(({ host }) => !host.startsWith('127.'))).toEqual([]);
    expect(listening.filter(({ host }) => host !== '127.0.0.1')).toEqual([server.ui]);
  });

  it('the gRPC port still serves the temporal command', async () => {
    await expect(client.workflow.getHandle('victim').describe()).resolves.toMatchObject({ workflowId: 'victim' });
  });
});

/** The status and the beginning of the body. Undefined if the answer lets other origins read it. */
async function answer(port: number, method: string, path: string, host: string, headers: string[], body: string) {
  const socket = connect(port, '127.0.0.1');
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    'content-type: text/plain',
    'connection: close',
    ...headers,
  ];
  socket.write(`${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve).once('error', () => undefined));
  const received = Buffer.concat(chunks).toString();
  const [, status, content] =
    /^HTTP\/1\.1 (\d+) (?!.*access-control-).*?\r\n\r\n(?:[0-9a-f]+\r\n)?(.*)$/is.exec(received) ?? [];
  const isHttp = received.startsWith('HTTP/1.1');
  return isHttp ? `${status} ${content?.split('\n')[0]?.slice(0, 60).trim()}` : 'not HTTP/1.1';
}

/** The addresses at which a process listens, as Linux lists them. */
async function portsOf(pid: number): Promise<{ host: string; port: number }[]> {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const rows = (await readFile(`/proc/${pid}/net/tcp`, 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  return rows.flatMap(([, local = '', , state, , , , , , inode = '']) => {
    if (state !== '0A' || !inodes.has(inode)) return [];
    const [, address = '', port = ''] = /^([0-9A-F]{8}):([0-9A-F]{4})$/.exec(local) ?? [];
    const bytes = [...Buffer.from(address, 'hex')].reverse();
    return [{ host: bytes.join('.'), port: Number.parseInt(port, 16) }];
  });
}
