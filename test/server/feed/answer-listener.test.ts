import { expect, it } from 'vitest';
import { limitListeners } from '../../../server/feed/answer-listener.ts';

it('lets as many wait at once as the limit says', async () => {
  const limit = limitListeners(1);
  let end: (answer: string) => void = () => undefined;
  const one = limit(() => new Promise<string>((resolve) => (end = resolve)));
  expect(limit(() => Promise.resolve('second'))).toBeNull();
  end('first');
  expect(await one).toBe('first');
  expect(await limit(() => Promise.resolve('third'))).toBe('third');
});
