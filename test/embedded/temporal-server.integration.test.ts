import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { findFreePort } from '../../embedded/free-port.ts';
import { keepTemporalRunning } from '../../embedded/keep-temporal-running.ts';
import { identifyProcess, isRunning } from '../../embedded/process-identity.ts';
import { startTemporalServer, type EmbeddedTemporal } from '../../embedded/temporal-server.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const { cliPath } = inject('temporal');
const startAndHang = fileURLToPath(new URL('./start-and-hang.ts', import.meta.url));

let folder: string;
/** Undone in reverse order after each test, also where it failed. */
let cleanUp: (() => unknown)[];

beforeEach(async () => {
  folder = await temporaryFolder();
  cleanUp = [];
});
afterEach(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

async function start(options: Partial<Parameters<typeof startTemporalServer>[0]> = {}): Promise<EmbeddedTemporal> {
  const server = await startTemporalServer({ cliPath, folder, report: () => undefined, ...options });
  cleanUp.push(() => server.stop());
  return server;
}

async function connect(address: string): Promise<Client> {
  const connection = await Connection.connect({ address });
  cleanUp.push(() => connection.close());
  return new Client({ connection });
}

/** A parent process with a Temporal server as its child, in `folder`. */
async function startParent(ending: string) {
  const args = ['--import', 'tsx', startAndHang, cliPath, folder, ending];
  const parent = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  cleanUp.push(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, child: identifyProcess(Number(line.toString()))! };
}

async function fakeCli(body: string): Promise<string> {
  const file = join(folder, 'fake-cli');
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

describe('the embedded Temporal server', () => {
  it('keeps its state and its port over a restart', async () => {
    const first = await start({ port: await findFreePort(), namespace: 'shop' });
    const client = await connect(first.address);
    await client.workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody' });
    await first.stop();
    expect(await first.exited).toEqual({ code: 0, signal: null });

    const second = await start({ namespace: 'shop' });
    expect(second.port).toBe(first.port);
    const again = await connect(second.address);
    expect((await again.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
    const { namespaceInfo } = await again.workflowService.describeNamespace({ namespace: 'shop' });
    expect(namespaceInfo?.name).toBe('shop');
  });

  it('serves gRPC on 127.0.0.1, and the Web UI at another loopback address', async () => {
    const server = await start({ port: await findFreePort() });
    expect(server.address).toBe(`127.0.0.1:${server.port}`);
    expect(server.ui?.host).toMatch(/^127\.(?!0\.)\d+\.\d+\.\d+$/);
    const page = await fetch(`http://${server.ui?.host}:${server.ui?.port}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<div id="svelte">');
  });

  it('has no Web UI where it would have no address of its own', async () => {
    const server = await start({ port: await findFreePort(), ui: null });
    expect(server.ui).toBeNull();
    expect(await readFile(join(folder, 'temporal.log'), 'utf8')).not.toContain('Temporal UI');
  });

  it('gets none of the secrets in its parent’s environment', async () => {
    const environment = { PATH: '/usr/bin:/bin', TZ: 'UTC', KAIT_SECRET_SHOP: 'whsec_1', DATABASE_URL: 'postgres://x' };
    const server = await start({ port: await findFreePort(), environment });
    const seen = await readFile(`/proc/${server.pid}/environ`, 'utf8');
    expect(seen.split('\0').filter(Boolean).sort()).toEqual(['PATH=/usr/bin:/bin', 'TZ=UTC']);
  });

  it('takes another port if that of the last start is in use', async () => {
    const first = await start({ port: await findFreePort() });
    await first.stop();
    const stranger = createServer().listen(first.port, '127.0.0.1');
    await once(stranger, 'listening');
    cleanUp.push(() => stranger.close());
    const second = await start();
    expect(second.port).not.toBe(first.port);
  });

  it('takes another port if a stranger takes its own between the look at it and the start', async () => {
    let taken: string | undefined;
    const report = (line: string) => {
      if (taken !== undefined) return;
      taken = /^Starting Temporal on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
      const stranger = createServer().listen(Number(taken), '127.0.0.1');
      cleanUp.push(() => stranger.close());
    };
    const server = await start({ report });
    expect(taken).toMatch(/^\d+$/);
    expect(server.port).not.toBe(Number(taken));
  });

  it('is never taken for another that starts at the same moment', async () => {
    const folders = await Promise.all([1, 2, 3].map(() => temporaryFolder()));
    const servers = await Promise.all(folders.map((each) => start({ folder: each })));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
    expect(servers.map(({ pid }) => identifyProcess(pid)?.pid)).toEqual(servers.map(({ pid }) => pid));
  });

  it('refuses a port that was asked for and is in use', async () => {
    const stranger = createServer().listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    cleanUp.push(() => stranger.close());
    const { port } = stranger.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({
      code: 'KAIT_PORT_IN_USE',
      message: `Port ${port}, which Temporal needs, is in use.`,
    });
  });

  it('shows the end of the log if the server ends at once', async () => {
    await writeFile(join(folder, 'temporal.log'), 'from an earlier start\n');
    const server = start({
      cliPath: await fakeCli('echo "unable to open database file"; exit 14'),
      port: await findFreePort(),
    });
    await expect(server).rejects.toMatchObject({
      code: 'KAIT_TEMPORAL_START_FAILED',
      message: `The embedded Temporal server ended at once with exit code 14. The end of ${join(folder, 'temporal.log')}:\nunable to open database file`,
    });
  });

  it('ends a server that does not answer in time', async () => {
    const server = start({
      cliPath: await fakeCli('echo $$; exec sleep 1000'),
      port: await findFreePort(),
      startLimitMs: 200,
    });
    await expect(server).rejects.toThrow(/did not answer within 200 ms\. The end of .*:\n\d+$/);
    const pid = Number(await readFile(join(folder, 'temporal.log'), 'utf8'));
    expect(identifyProcess(pid)).toBeUndefined();
  });

  it('rejects if the executable cannot be started', async () => {
    await expect(start({ cliPath: join(folder, 'missing'), port: await findFreePort() })).rejects.toThrow('ENOENT');
  });

  it('starts a new log if the old one has grown large', async () => {
    await writeFile(join(folder, 'temporal.log'), Buffer.alloc(11 * 1024 * 1024, 'x'));
    await start({ port: await findFreePort() });
    expect((await stat(join(folder, 'temporal.log.1'))).size).toBe(11 * 1024 * 1024);
    expect((await stat(join(folder, 'temporal.log'))).size).toBeLessThan(100_000);
  });
});

describe('a Temporal server and the process that started it', () => {
  it('are in different process groups, so that Ctrl-C reaches the parent alone', async () => {
    const server = await start({ port: await findFreePort() });
    const group = spawn('ps', ['-o', 'pgid=', '-p', String(server.pid)]);
    const [output] = (await once(group.stdout, 'data')) as [Buffer];
    expect(Number(output.toString())).toBe(server.pid);
  });

  it('end together if the parent dies of an uncaught error', async () => {
    const { parent, child } = await startParent('throw');
    parent.stdin.write('now\n');
    await once(parent, 'exit');
    await expect.poll(() => isRunning(child), { timeout: 15_000 }).toBe(false);
  });

  it('are parted by kill -9, and the next start ends the one that was left over', async () => {
    const { parent, child } = await startParent('stay');
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(isRunning(child)).toBe(true);
    const server = await start();
    expect(isRunning(child)).toBe(false);
    expect(server.pid).not.toBe(child.pid);
  });

  it('leaves a stranger alone that has the pid of the last server by now', async () => {
    const stranger = spawn('sleep', ['1000']);
    cleanUp.push(() => stranger.kill('SIGKILL'));
    await once(stranger, 'spawn');
    const port = await findFreePort();
    await writeFile(join(folder, 'temporal.json'), JSON.stringify({ pid: stranger.pid, startedAt: 'earlier', port }));
    const server = await start();
    expect(server.port).toBe(port);
    expect(identifyProcess(stranger.pid!)).toBeDefined();
  });

  it('starts over a damaged note of the last server', async () => {
    await writeFile(join(folder, 'temporal.json'), '{"pid":');
    const server = await start();
    expect(JSON.parse(await readFile(join(folder, 'temporal.json'), 'utf8'))).toMatchObject({ pid: server.pid });
  });
});

describe('keeping Temporal running', () => {
  it('starts a killed server again at the same address, with its state', async () => {
    const warnings: string[] = [];
    const log = { warn: (_fields: object, message: string) => warnings.push(message), error: () => undefined };
    const kept = await keepTemporalRunning({
      ...{ cliPath, folder, log, port: await findFreePort() },
      ...{ report: () => undefined, firstPauseMs: 1 },
    });
    cleanUp.push(() => kept.stop());
    const client = await connect(kept.address);
    await client.workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody' });
    const killed = kept.pid()!;
    process.kill(killed, 'SIGKILL');
    await expect.poll(() => kept.pid() !== undefined && kept.pid() !== killed, { timeout: 20_000 }).toBe(true);
    const again = await connect(kept.address);
    expect((await again.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
    expect(warnings).toEqual(['Temporal is down; restarting it']);

    await kept.stop();
    expect(kept.pid()).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  it('waits for its own port if another program takes it meanwhile', async () => {
    const port = await findFreePort();
    const stranger = createServer();
    cleanUp.push(() => stranger.close());
    const errors: unknown[] = [];
    const log = {
      warn: () => undefined,
      error: (fields: object) => {
        errors.push(fields);
        stranger.close();
      },
    };
    const report = () => undefined;
    const kept = await keepTemporalRunning({ cliPath, folder, log, port, report, firstPauseMs: 1_000 });
    cleanUp.push(() => kept.stop());
    process.kill(kept.pid()!, 'SIGKILL');
    await expect.poll(() => kept.pid(), { interval: 5 }).toBeUndefined();
    await once(stranger.listen(port, '127.0.0.1'), 'listening');
    await expect.poll(() => kept.pid(), { timeout: 20_000 }).toBeDefined();
    expect(errors).toEqual([{ err: expect.objectContaining({ code: 'KAIT_PORT_IN_USE' }) }]);
    await expect(connect(kept.address)).resolves.toBeDefined();
  });

  it('rejects if the first start fails', async () => {
    const log = { warn: () => undefined, error: () => undefined };
    const kept = keepTemporalRunning({ cliPath: await fakeCli('exit 3'), folder, log, report: () => undefined });
    await expect(kept).rejects.toMatchObject({ code: 'KAIT_TEMPORAL_START_FAILED' });
  });
});
