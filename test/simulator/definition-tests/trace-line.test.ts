import { expect, it } from 'vitest';
import { parseTraceLine } from '../../../simulator/definition-tests/trace-line.ts';

it.each([
  ['order done', { path: 'order', status: 'done', endedMs: undefined }],
  ['ship/pay/3 timedOut +24h', { path: 'ship/pay/3', status: 'timedOut', endedMs: 86_400_000 }],
  ['a canceled +1h 30m', { path: 'a', status: 'canceled', endedMs: 5_400_000 }],
])('parses "%s"', (text, line) => {
  expect(parseTraceLine(text)).toEqual(line);
});

it.each([
  'order',
  'order finished',
  'order  done',
  'order done 24h',
  'order done +24',
  'order done +1h later',
  ' done',
])('does not parse "%s"', (text) => {
  expect(parseTraceLine(text)).toBeUndefined();
});
