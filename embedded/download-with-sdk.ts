import { TestWorkflowEnvironment } from '@temporalio/testing';
import { temporalRelease } from './temporal-release.ts';

/** A separate program that `install-temporal-cli.ts` runs. Downloads the CLI into the folder given as its argument. */
const [downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('Expected a folder as the argument');
try {
  // The SDK cannot download without starting the server, so the server is stopped at once.
  const executable = { type: 'cached-download', downloadDir, version: `v${temporalRelease.version}` } as const;
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
