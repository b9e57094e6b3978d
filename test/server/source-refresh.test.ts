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
    remount: () => {
      const outcome = left.shift() ?? false;
      return typeof outcome === 'string' ? Promise.reject(new Error(outcome)) : Promise.resolve(outcome);
    },
    everyMs: 1_000,
    log: pino({}, { write }),
  });
  refresh.start();
  await vi.advanceTimersByTimeAsync(1_000 * outcomes.length);
  await refresh.stop();
  expect(left).toEqual([]);
  return messages;
}

it('says when the sources are others, and nothing while they are the same', async () => {
  expect(await messagesOf([false, true, false, true])).toEqual(['sources mounted anew', 'sources mounted anew']);
});

it('says once what is wrong, and again when it is another thing or has been right between', async () => {
  const stays = 'sources not mounted anew; they stay as they were';
  expect(await messagesOf(['bad', 'bad', 'worse', 'bad'])).toEqual([stays, stays, stays]);
  expect(await messagesOf(['bad', false, 'bad'])).toEqual([stays, stays]);
});
