import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSourceRefresh } from '../../server/source-refresh.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The messages that a refresh logs while it finds these outcomes one after the other. */
async function messagesOf(outcomes: (boolean | string)[]): Promise<string[]> {
  const messages: string[] = [];
  const write = (line: string) => messages.push((JSON.parse(line) as { msg: string }).msg);
  const left = [...outcomes];
  const refresh = createSourceRefresh({
    reload: () => {
      const outcome = left.shift() ?? false;
      return typeof outcome === 'string' ? Promise.reject(new Error(outcome)) : Promise.resolve(outcome);
    },
    usedBy: 'receiver',
    log: pino({}, { write }),
  });
  refresh.start();
  await vi.advanceTimersByTimeAsync(5_000 * outcomes.length);
  await refresh.stop();
  expect(left).toEqual([]);
  return messages;
}

it('logs each change of the sources, and nothing while they stay the same', async () => {
  expect(await messagesOf([false, true, false, true])).toEqual(['sources reloaded', 'sources reloaded']);
});

it('logs a problem once, and again after another one or after a success', async () => {
  const stays = 'sources not reloaded, the previous ones stay in use';
  expect(await messagesOf(['bad', 'bad', 'worse', 'bad'])).toEqual([stays, stays, stays]);
  expect(await messagesOf(['bad', false, 'bad'])).toEqual([stays, stays]);
});
