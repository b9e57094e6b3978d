import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/*
 * `npm test`: types, lint and format beside all tests, because the tests wait for servers most of the time. Every step runs even if
 * another failed, so that one run shows all there is to mend. What the checks print follows the tests. Ends with "N passed, N failed"
 * over the tests, and fails if a step did or if no test ran.
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

interface CheckResult {
  name: string;
  output: string;
  fine: boolean;
  seconds: string;
}

/** Runs the checks one after the other. Their output is kept, so that it does not mix with that of the tests. */
async function runChecks(): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [name, command, args] of checks) {
    let output = '';
    const startedAt = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    results.push({ name, output, fine: code === 0, seconds: secondsSince(startedAt) });
  }
  return results;
}

function printCheck({ name, output, fine, seconds }: CheckResult): void {
  process.stdout.write(`\n── ${name}\n${output}${closingLine(name, fine, seconds)}`);
}

async function runTests(): Promise<{ fine: boolean; summary: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kait-test-run-'));
  const outputFile = join(folder, 'summary.json');
  const args = ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`];
  const succeeded = await succeeds('Tests', 'npx', [...args, ...process.argv.slice(2)]);
  const summary = await readFile(outputFile, 'utf8').then(
    (text) => summarySchema.parse(JSON.parse(text)),
    () => ({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, success: false, testResults: [] }),
  );
  await rm(folder, { recursive: true });
  const skipped = summary.numPendingTests === 0 ? '' : `, ${summary.numPendingTests} skipped`;
  // A file that cannot be loaded has no tests. Each counts as one that failed.
  const unloaded = summary.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failures = summary.numFailedTests + unloaded.length;
  return {
    fine: succeeded && summary.success && summary.numPassedTests > 0,
    summary: `${summary.numPassedTests} passed, ${failures} failed${skipped}\n`,
  };
}

async function succeeds(name: string, command: string, args: readonly string[]): Promise<boolean> {
  process.stdout.write(`\n── ${name}\n`);
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.stdout.write(closingLine(name, code === 0, secondsSince(startedAt)));
  return code === 0;
}

function closingLine(name: string, fine: boolean, seconds: string): string {
  return `── ${name}: ${fine ? 'fine' : 'FAILED'} (${seconds} s)\n`;
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}

process.stdout.write('Types, lint and format are checked beside the tests. Their findings follow at the end.\n');
const checking = runChecks();
const tests = await runTests();
const results = await checking;
for (const result of results) printCheck(result);
const failed = [...results.filter(({ fine }) => !fine).map(({ name }) => name), ...(tests.fine ? [] : ['Tests'])];
if (failed.length > 0) process.stdout.write(`Failed: ${failed.join('; ')}\n`);
process.stdout.write(tests.summary);
process.exitCode = failed.length === 0 ? 0 : 1;
