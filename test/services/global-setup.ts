import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findFreePort } from '../../embedded/free-port.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { startTemporalServer } from '../../embedded/temporal-server.ts';

/** The one Temporal server of a test run; `inject('temporal')` gets it. Tests keep apart by task queue and workflow id. */
export interface TemporalForTests {
  address: string;
  namespace: string;
  uiUrl: string;
  /** The executable, for tests that start a server of their own. */
  cliPath: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    temporal: TemporalForTests;
  }
}

/** Its clock skips waits where a workflow is started with `timeSkippingConfig`; other workflows see real time. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-temporal-'));
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  // A signal that nobody handles would leave the server behind; an exit ends it.
  const exit = (): void => process.exit(1);
  process.once('SIGTERM', exit).once('SIGHUP', exit);
  const cliPath = await obtainTemporalCli({ environment: process.env, fallbackFolder: join(folder, 'cache'), report });
  const server = await startTemporalServer({
    cliPath,
    folder,
    ports: { grpc: await findFreePort(), ui: await findFreePort() },
    extraConfig: ['frontend.WorkflowTimeSkippingEnabled=true'],
    report,
  });
  const { address, namespace, uiUrl } = server;
  project.provide('temporal', { address, namespace, uiUrl, cliPath });
  return async () => {
    process.off('SIGTERM', exit).off('SIGHUP', exit);
    await server.stop();
    await rm(folder, { recursive: true });
  };
}
