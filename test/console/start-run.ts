import { expect } from 'vitest';
import { answerOf, apiClient } from '../../cli/api-client.ts';
import { stateOf } from '../../console/pages/runs/run-state.ts';
import { consoleForTests } from './browser.ts';

/** Starts a run by hand, waits until it is in a state, and resolves to its workflow id. */
export async function startRun(definition: string, input: Record<string, unknown>, state: string): Promise<string> {
  const { url, token } = consoleForTests();
  const api = apiClient({ url, token });
  const params = { path: { definition } };
  const { run } = await answerOf(
    api.POST('/definitions/{definition}/runs', { params, body: { input, reason: 'browser test' } }),
  );
  const look = async () => {
    const found = await answerOf(api.GET('/runs/{run}', { params: { path: { run } } })).catch(() => null);
    return found === null ? 'not started' : stateOf(found);
  };
  await expect.poll(look, { timeout: 60_000, interval: 200 }).toBe(state);
  return run;
}
