import { TestWorkflowEnvironment } from '@temporalio/testing';
import { temporalRelease } from './temporal-release.ts';

/** A program of its own, run by `install-with-sdk.ts`: downloads the CLI into the folder given as its argument. */
const [downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('Expected a folder as the argument');
try {
  // The SDK cannot only download: it starts the server as well, which is ended at once.
  const executable = { type: 'cached-download', downloadDir, version: `v${temporalRelease.version}` } as const;
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
