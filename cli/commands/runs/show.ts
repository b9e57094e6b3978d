import { answerOf, type ApiClient } from '../../api-client.ts';
import { explainRun } from '../../runs/explain-run.ts';
import { formatRun } from '../../runs/format-run.ts';
import type { FullRun } from '../../runs/next-commands.ts';
import type { TimeOptions } from '../../shown-time.ts';

export interface ShowRunOptions extends TimeOptions {
  json?: boolean;
}

interface ShowDeps {
  api: ApiClient;
  /** Of the terminal. */
  width: number;
  nowMs: number;
}

/** `kait runs show`: everything about a run, and what can be done with it. */
export async function showRun(deps: ShowDeps, run: string, { json = false, utc }: ShowRunOptions): Promise<string> {
  const found = await askRun(deps.api, run);
  return json ? JSON.stringify(found, null, 2) : formatRun(found, { ...deps, utc });
}

/** `kait runs explain`: why conditions decided as they did, and why steps were skipped, failed or not reached. */
export async function explainRuns(
  deps: ShowDeps,
  { run, step }: { run: string; step: string | undefined },
  { json = false, utc }: ShowRunOptions,
): Promise<string> {
  const found = await askRun(deps.api, run);
  if (json) return JSON.stringify(found.details?.decisions ?? [], null, 2);
  return explainRun(found, step, { ...deps, utc });
}

async function askRun(api: ApiClient, run: string): Promise<FullRun> {
  const asked = api.GET('/runs/{run}', { params: { path: { run } } });
  return (await answerOf(asked)) as unknown as FullRun; // The client's types forget that values are JSON.
}
