import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { lastLine } from './inspect-temporal-cli.ts';
import type { Installation } from './install-with-pip.ts';
import { runCommand } from './run-command.ts';
import { temporalRelease } from './temporal-release.ts';

const limitMs = 15 * 60_000;

/**
 * Downloads the CLI into `folder` with the downloader of `@temporalio/testing`. In a process of its own: the SDK's runtime
 * is set up once per process, and Kait sets it up otherwise.
 */
export async function installWithSdk(folder: string, environment: NodeJS.ProcessEnv): Promise<Installation> {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const program = fileURLToPath(new URL('./download-with-sdk.ts', import.meta.url));
  const outcome = await runCommand(process.execPath, ['--import', tsx, program, folder], { environment, limitMs });
  const name = `temporal-v${temporalRelease.version}${process.platform === 'win32' ? '.exe' : ''}`;
  // The downloader names the file so when it is whole, and then starts it; where only that fails, nothing is lost.
  if ((await readdir(folder)).includes(name)) return { path: join(folder, name) };
  if (!outcome.started) return { problem: `its process cannot be run (${outcome.errorCode})` };
  if (outcome.code === null) return { problem: `it did not finish within ${limitMs / 60_000} minutes` };
  return { problem: lastLine(outcome.output) };
}
