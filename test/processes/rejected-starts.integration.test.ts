import { once } from 'node:events';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { findFreePort } from '../../embedded/free-port.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { packagedDefinitions, runKait, startKait } from './kait-command.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

/** Enough for `kait server` to look at its definitions; nothing listens there. */
const production = {
  DATABASE_URL: 'postgres://kait:geheim@127.0.0.1:9/kait',
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  KAIT_ADMIN_TOKEN: 'a token of the tests',
};
const secrets = { STRIPE_WEBHOOK_SECRET: 'a', MIDTRANS_SERVER_KEY: 'b', XENDIT_CALLBACK_TOKEN: 'c' };

/** A copy of the shipped definitions to put mistakes into. */
async function copyDefinitions(): Promise<string> {
  const copy = join(folder, 'definitions');
  await cp(packagedDefinitions, copy, { recursive: true });
  return copy;
}

async function listenOn(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

it('kait server --strict does not start without a secret and names every variable that is missing', async () => {
  const { code, output } = await runKait(folder, ['server', '--strict'], {
    ...production,
    STRIPE_WEBHOOK_SECRET: 'set',
  });
  expect(code).toBe(1);
  expect(output).toContain('KAIT_SECRET_MISSING');
  expect(output).toContain('MIDTRANS_SERVER_KEY (source "midtrans")');
  expect(output).toContain('XENDIT_CALLBACK_TOKEN (source "xendit")');
  expect(output).not.toContain('STRIPE_WEBHOOK_SECRET');
});

it('kait server and kait worker name the other settings that they need', async () => {
  const server = await runKait(folder, ['server'], secrets);
  expect(server).toMatchObject({ code: 1, output: expect.stringContaining('DATABASE_URL and TEMPORAL_ADDRESS') });
  const worker = await runKait(folder, ['worker'], { DATABASE_URL: production.DATABASE_URL });
  expect(worker).toMatchObject({ code: 1, output: expect.stringContaining('"kait worker" needs TEMPORAL_ADDRESS') });
  const open = await runKait(folder, ['server'], { ...production, ...secrets, KAIT_ADMIN_TOKEN: '' });
  expect(open).toMatchObject({ code: 1, output: expect.stringContaining('KAIT_ADMIN_TOKEN_MISSING') });
});

it('shows every mistake in every definition with its place, and starts nothing if it is to be strict', async () => {
  const definitions = await copyDefinitions();
  await writeFile(
    join(definitions, 'workflows/broken.json'),
    `{\n  "name": "constructor",\n  "on": { "event": "payment.succeeded" },\n  "steps": [{ "id": "a", "cal": "orders.create" }]\n}\n`,
  );
  await writeFile(
    join(definitions, 'workflows/worse.json'),
    `{\n  "name": "worse",\n  "on": { "event": "payment.succeeded" },\n  "steps": [\n    { "id": "a", "set": { "b": "{{event.payment.amout}}" } }\n  ]\n}\n`,
  );
  const { code, output } = await runKait(folder, ['up', '--strict'], { KAIT_DEFINITIONS: definitions });
  expect(code).toBe(1);
  expect(output).toContain('KAIT_DEFINITIONS_INVALID');
  expect(output).toMatch(/broken\.json:2:11 error KAIT\d{4} .*constructor/);
  expect(output).toMatch(/broken\.json:4:\d+ error KAIT\d{4} .*cal/);
  expect(output).toMatch(/worse\.json:5:\d+ error KAIT\d{4} .*amout/);
  const validated = await runKait(folder, ['validate', join(definitions, 'workflows')]);
  expect(validated).toMatchObject({
    code: 1,
    output: expect.stringContaining('Checked 3 definitions and 1 test file: mistakes in 2 definitions.'),
  });
});

it.each([
  ['up', {}],
  ['server', { ...production, ...secrets }],
  ['worker', production],
])('kait %s --strict does not start with a mail template that does not exist', async (command, environment) => {
  const definitions = await copyDefinitions();
  const file = join(definitions, 'workflows/mailing.json');
  await writeFile(
    file,
    '{"name": "mailing", "on": {"event": "payment.succeeded"}, "steps": [\n{"id": "a", "call": "mail.send", "with": {"to": "a@b.example", "template": "recipt"}}]}',
  );
  const { code, output } = await runKait(folder, [command, '--strict'], {
    ...environment,
    KAIT_DEFINITIONS: definitions,
  });
  expect(code).toBe(1);
  expect(output).toContain(`KAIT_DEFINITIONS_INVALID: ${file}:2:`);
  expect(output).toMatch(/error KAIT1104 There is no mail template "recipt"\.[^]*Did you mean "receipt"\?/);
});

it('rejects two definitions of one name if it is to be strict, since their runs would have the same ids', async () => {
  const definitions = await copyDefinitions();
  const original = join(definitions, 'workflows/payment-succeeded.json');
  await writeFile(join(definitions, 'workflows/twin.json'), await readFile(original));
  const { code, output } = await runKait(folder, ['up', '--strict'], { KAIT_DEFINITIONS: definitions });
  expect(code).toBe(1);
  expect(output).toContain('both define "payment-succeeded"');
});

it('shows mistakes in presets and sources with their place', async () => {
  const definitions = await copyDefinitions();
  await writeFile(join(definitions, 'gateways/stripe.json'), '{\n  "title": 5\n}\n');
  const preset = await runKait(folder, ['up', '--strict'], { KAIT_DEFINITIONS: definitions });
  expect(preset).toMatchObject({ code: 1, output: expect.stringMatching(/stripe\.json:2:\d+ +title/) });
  await cp(join(packagedDefinitions, 'gateways'), join(definitions, 'gateways'), { recursive: true });
  await writeFile(join(definitions, 'sources.json'), '{ "shop": { "gateway": "strip", "secrets": ["S"] } }\n');
  const sources = await runKait(folder, ['up', '--strict'], { KAIT_DEFINITIONS: definitions });
  expect(sources).toMatchObject({ code: 1, output: expect.stringContaining('Did you mean "stripe"?') });
});

it('names every setting that is wrong at once', async () => {
  const { code, output } = await runKait(folder, ['up'], { KAIT_PORT: 'http', LOG_LEVEL: 'loud' });
  expect(code).toBe(1);
  expect(output).toContain('KAIT_PORT is "http"');
  expect(output).toContain('LOG_LEVEL is "loud"');
});

it.each([
  ['up', 'KAIT_PORT', {}],
  ['up', 'KAIT_ADMIN_PORT', {}],
  ['server', 'KAIT_PORT', { ...production, ...secrets }],
])(
  'kait %s names the setting of a port that is in use, before it starts anything',
  async (command, setting, environment) => {
    const taken = await listenOn(0);
    const { code, output } = await runKait(folder, [command], { ...environment, [setting]: String(taken.port) });
    taken.close();
    expect(code).toBe(1);
    expect(output).toContain(`KAIT_PORT_IN_USE: Port ${taken.port}`);
    expect(output).toContain(`set ${setting} to another port.`);
    expect(output).not.toMatch(/Starting Temporal|Opening the database|not reachable/);
  },
);

it('leaves no Temporal and no lock behind if the receiver cannot start after them', async () => {
  const port = await findFreePort();
  const kait = startKait(folder, ['up'], { KAIT_PORT: String(port) });
  await kait.untilOutput(/Starting Temporal on/);
  const taken = await listenOn(port);
  expect(await kait.ended).toBe(1);
  taken.close();
  expect(kait.output()).toContain(`KAIT_PORT_IN_USE: Port ${port}`);
  const { pid } = JSON.parse(await readFile(join(folder, '.kait/temporal.json'), 'utf8')) as { pid: number };
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  const lock = await readFile(join(folder, '.kait/kait.lock.1'), 'utf8');
  expect(JSON.parse(lock)).toMatchObject({ released: true });
});

it('names every way to the Temporal CLI when none leads to one', async () => {
  const { code, output } = await runKait(folder, ['up'], {
    TEMPORAL_CLI_PATH: '',
    PATH: '/nowhere',
    HTTPS_PROXY: 'http://127.0.0.1:9', // Nothing listens there, so that no download leaves this machine.
    KAIT_HOME: join(folder, 'state'),
  });
  expect(code).toBe(1);
  expect(output).toContain('KAIT_TEMPORAL_CLI_MISSING');
  expect(['TEMPORAL_CLI_PATH', 'PATH', 'pip', 'SDK'].filter((way) => !output.includes(way))).toEqual([]);
});

it('says so when a command finds no running Kait', async () => {
  const { code, output } = await runKait(folder, ['events']);
  expect(code).toBe(1);
  expect(output).toContain('KAIT_NOT_RUNNING');
  expect(output).toContain('Start it with "npx kait up"');
});

it('waits for a PostgreSQL that is not up yet, reports what it waits for, and shows no password', async () => {
  const server = startKait(folder, ['server'], { ...production, ...secrets });
  await server.untilOutput(/PostgreSQL is not reachable \(DATABASE_URL\)[^\n]*Trying again in 1 s/);
  expect(server.output()).not.toContain('geheim');
  expect(await server.end('SIGTERM')).toBe(0);
});
