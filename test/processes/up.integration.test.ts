import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { identifyProcess } from '../../embedded/process-identity.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { loadedPackages, notingImports } from './loaded-packages.ts';
import { runKait, startKait, type KaitCommand } from './kait-command.ts';

/* One `kait up` without any configuration, used as its user does, ended in every way, and started again. */

const folder = sharedTemporaryFolder();
let kait: KaitCommand;

beforeAll(async () => {
  kait = startKait(folder.path, ['up'], notingImports(join(folder.path, 'imports')));
  await kait.untilOutput(/Stop: Ctrl-C/);
});
afterAll(() => kait.end('SIGTERM'));

const run = (...args: string[]) => runKait(folder.path, args);
const send = () =>
  run(
    'send',
    'stripe',
    'payment_intent.succeeded',
    '--set',
    'data.object.amount_received=5000',
    'data.object.id=pi_up',
  );

async function temporalPid(): Promise<number> {
  return (JSON.parse(await readFile(join(folder.path, '.kait/temporal.json'), 'utf8')) as { pid: number }).pid;
}

/* `kill(pid, 0)` also succeeds for a zombie, and an orphan stays one where nobody collects it, as in many containers. */
const isAlive = (pid: number) => identifyProcess(pid) !== undefined;

/** Asks again until the answer has what is expected; the suite's time limit bounds it. */
async function until(args: string[], pattern: RegExp): Promise<string> {
  for (;;) {
    const { output } = await run(...args);
    if (pattern.test(output)) return output;
  }
}

it('starts without configuration and prints where everything is', () => {
  const output = kait.output();
  expect(output).toMatch(/stripe +http:\/\/127\.0\.0\.1:\d+\/in\/stripe/);
  expect(output).toMatch(/Temporal Web UI +http:\/\/127\.0\.0\.1:\d+/);
  expect(output).toContain('Not set: STRIPE_WEBHOOK_SECRET, MIDTRANS_SERVER_KEY, XENDIT_CALLBACK_TOKEN');
});

it('loads the embedded database’s package and no driver of PostgreSQL', () => {
  const loaded = loadedPackages(join(folder.path, 'imports'));
  const ofInterest = ['@clack/prompts', '@electric-sql/pglite', '@temporalio/testing', 'chokidar', 'esbuild', 'pg'];
  expect(loaded.filter((name) => ofInterest.includes(name))).toEqual(['@electric-sql/pglite']);
});

it('greets on standard output, and writes progress and JSON log lines to standard error', () => {
  const greeting = kait.written('stdout').trim().split('\n');
  expect(greeting.at(0)).toMatch(/^Kait \d+\.\d+\.\d+$/);
  expect(greeting.at(-1)).toBe('Stop: Ctrl-C');
  expect(kait.written('stdout')).not.toMatch(/[{›]/);
  const errorLines = kait.written('stderr').trimEnd().split('\n');
  expect(errorLines).toContain('  › Opening the database');
  expect(errorLines.filter((line) => !/^(?: {2}› .+|\{"level":.*\})$/.test(line))).toEqual([]);
});

it('accepts a signed sample and runs its workflow', async () => {
  expect(await send()).toMatchObject({ code: 0, output: expect.stringContaining('→ 200') });
  expect((await send()).output).toContain('stripe/pi_up:succeeded was stored before, so no further run starts.');
  const runs = await until(['runs'], /completed/);
  expect(runs).toMatch(/completed .* kait-[2-9a-z]{6}\/payment-succeeded\/stripe\/pi_up:succeeded +payment\.succeeded/);
  expect((await run('events')).output).toMatch(/stripe +pi_up:succeeded +payment\.succeeded .*dispatched/);
  const shown = JSON.parse((await run('events', 'show', 'stripe', 'pi_up:succeeded', '--json')).output) as object;
  expect(shown).toMatchObject({
    envelope: { payment: { amount: 5_000 } },
    runs: [{ workflowId: expect.stringMatching(/^kait-[2-9a-z]{6}\/payment-succeeded\/stripe\/pi_up:succeeded$/) }],
  });
  expect((await run('events', 'replay', 'stripe', 'pi_up:succeeded')).output).toMatch(
    /^Nothing was started: stripe\/pi_up:succeeded already has a run\.\n {2}kait-[2-9a-z]{6}\/payment-succeeded\//,
  );
});

it('suggests a sample whose name is misspelt', async () => {
  const { code, output } = await run('send', 'stripe', 'payment_intent.suceeded');
  expect(code).toBe(1);
  expect(output).toContain('Did you mean "payment_intent.succeeded"?');
});

it('adds, lists and removes endpoints, and rejects private networks by default', async () => {
  const rejected = await run('endpoints', 'add', 'http://127.0.0.1:1/x', '--events', 'order.*');
  expect(rejected).toMatchObject({ code: 1, output: expect.stringContaining('KAIT_ADMIN_REQUEST_FAILED') });
  const added = await run('endpoints', 'add', 'https://198.105.0.1/hooks', '--events', 'order.*', 'payment.reminded');
  expect(added.output).toMatch(/Secret: whsec_[A-Za-z0-9+/=]{44}/);
  const id = /ep_[0-9a-f]+/.exec(added.output)![0];
  const listed = (await run('endpoints')).output;
  expect(listed).toMatch(
    new RegExp(`${id} +enabled +– +order\\.\\*, payment\\.reminded +https://198\\.105\\.0\\.1/hooks`),
  );
  expect(listed).not.toContain('whsec_');
  expect((await run('endpoints', 'remove', id)).output).toContain(`Removed ${id}.`);
  expect((await run('endpoints')).output).toContain('No endpoints.');
  expect((await run('deliveries')).output).toBe('No deliveries.\n');
});

it('shows its status, validates definitions and checks vectors', async () => {
  const status = JSON.parse((await run('status', '--json')).output) as object;
  expect(status).toMatchObject({ database: 'pglite', sources: ['stripe', 'midtrans', 'xendit'], backlog: 0 });
  expect((await run('validate')).output).toContain(
    'Checked 1 definition, 1 test file, 43 presets, 1 sources file, 1 secrets file, 1 settings file, 1 mail template and 1 event type: no mistakes.',
  );
  const vectors = fileURLToPath(new URL('../server/gateway/vectors.json', import.meta.url));
  expect((await run('vectors', vectors)).output).toMatch(/180 passed, 0 failed\n$/);
});

it('keeps a second Kait out of its folder', async () => {
  const { code, output } = await run('up');
  expect(code).toBe(1);
  expect(output).toContain('KAIT_DATA_FOLDER_IN_USE');
  expect(output).toContain(String(kait.pid));
});

it('ends every child on Ctrl-C, and has its state again after a restart', async () => {
  const temporal = await temporalPid();
  expect(await kait.end('SIGINT')).toBe(0);
  expect(isAlive(temporal)).toBe(false);
  kait = startKait(folder.path, ['up']);
  await kait.untilOutput(/Stop: Ctrl-C/);
  expect((await send()).code).toBe(0);
  expect((await run('events')).output).toMatch(/pi_up:succeeded .*2×/);
  expect(await until(['runs'], /completed/)).toMatch(
    /completed .* kait-[2-9a-z]{6}\/payment-succeeded\/stripe\/pi_up:succeeded/,
  );
});

it('has its state again after kill -9, and ends the Temporal that was left behind', async () => {
  const orphan = await temporalPid();
  expect(await kait.end('SIGKILL')).toBe('SIGKILL');
  expect(isAlive(orphan)).toBe(true);
  kait = startKait(folder.path, ['up']);
  await kait.untilOutput(/Stop: Ctrl-C/);
  expect(isAlive(orphan)).toBe(false);
  expect((await send()).code).toBe(0);
  expect((await run('events')).output).toMatch(/pi_up:succeeded .*3×/);
});
