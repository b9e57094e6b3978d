import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/*
 * `npm test`: types, lint, format, then all tests. Every step runs even where one before it failed, so that one run shows
 * all there is to mend. Ends with "N passed, N failed" over the tests, and fails where a step did or where no test ran.
 */

const checks = [
  ['Types', 'npm', ['run', '--silent', 'typecheck']],
  ['Lint and format', 'npm', ['run', '--silent', 'lint']],
] as const;

const summarySchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  success: z.boolean(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

async function runChecks(): Promise<string[]> {
  const failed: string[] = [];
  for (const [name, command, args] of checks) {
    if (!(await succeeds(name, command, args))) failed.push(name);
  }
  return failed;
}

async function runTests(failed: string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-run-'));
  const outputFile = join(folder, 'summary.json');
  const args = ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`];
  if (!(await succeeds('Tests', 'npx', [...args, ...process.argv.slice(2)]))) failed.push('Tests');
  const summary = await readFile(outputFile, 'utf8').then(
    (text) => summarySchema.parse(JSON.parse(text)),
    () => ({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, success: false, testResults: [] }),
  );
  await rm(folder, { recursive: true });
  if (!summary.success || summary.numPassedTests === 0) failed.push('Tests');
  const skipped = summary.numPendingTests === 0 ? '' : `, ${summary.numPendingTests} skipped`;
  if (failed.length > 0) process.stdout.write(`Failed: ${[...new Set(failed)].join('; ')}\n`);
  // A file that cannot be loaded has no tests. Each counts as one that failed.
  const unloaded = summary.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failures = summary.numFailedTests + unloaded.length;
  process.stdout.write(`${summary.numPassedTests} passed, ${failures} failed${skipped}\n`);
}

async function succeeds(name: string, command: string, args: readonly string[]): Promise<boolean> {
  process.stdout.write(`\n── ${name}\n`);
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`── ${name}: ${code === 0 ? 'fine' : 'FAILED'} (${seconds} s)\n`);
  return code === 0;
}

const failed = await runChecks();
await runTests(failed);
process.exitCode = failed.length === 0 ? 0 : 1;
