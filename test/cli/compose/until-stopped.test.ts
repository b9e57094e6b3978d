import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { untilStopped, type Stoppable } from '../../../cli/compose/until-stopped.ts';

/** A process whose signals and clock the test holds, and something that runs in it. */
function fixture() {
  const signals = new EventEmitter();
  const exits: number[] = [];
  const stops: string[] = [];
  const host = Object.assign(signals, { exit: (code: number) => void exits.push(code) });
  const clock = { nowMs: 0 };
  const send = (name: NodeJS.Signals) => signals.emit(name, name);
  const running: Stoppable = { stop: () => Promise.resolve(stops.push('stopped')).then(() => undefined) };
  return { host, exits, stops, send, running, clock, deps: { host, now: () => clock.nowMs } };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('stops cleanly on %s, and listens no longer', async (name) => {
  const { host, exits, stops, send, running, deps } = fixture();
  const ended = untilStopped(() => Promise.resolve(running), deps);
  expect(send(name)).toBe(true);
  await ended;
  expect(stops).toEqual(['stopped']);
  expect(exits).toEqual([]);
  expect(host.eventNames()).toEqual([]);
});

it('takes a signal that npm passes on within half a second for the same Ctrl-C', async () => {
  const { exits, stops, send, running, clock, deps } = fixture();
  const ended = untilStopped(() => Promise.resolve(running), deps);
  send('SIGINT');
  clock.nowMs = 500;
  send('SIGINT');
  await ended;
  expect(exits).toEqual([]);
  expect(stops).toEqual(['stopped']);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('ends the process at once on a later %s, with code %i', async (name, code) => {
  const { exits, send, running, clock, deps } = fixture();
  const ended = untilStopped(() => Promise.resolve(running), deps);
  send('SIGTERM');
  clock.nowMs = 501;
  send(name);
  await ended;
  expect(exits).toEqual([code]);
});

it('stops what is still starting when the signal arrives, and aborts its start', async () => {
  const { stops, send, running, deps } = fixture();
  const reasons: unknown[] = [];
  const ended = untilStopped((signal) => {
    signal.addEventListener('abort', () => reasons.push((signal.reason as Error).message));
    send('SIGINT');
    return Promise.resolve(running);
  }, deps);
  await ended;
  expect(reasons).toEqual(['stopped by SIGINT']);
  expect(stops).toEqual(['stopped']);
});

it('ends without an error if the start gave up because of the signal', async () => {
  const { send, deps } = fixture();
  const start = (signal: AbortSignal) => {
    send('SIGINT');
    return Promise.reject(signal.reason as Error);
  };
  await expect(untilStopped(start, deps)).resolves.toBeUndefined();
});

it('stops by itself when there is nothing left to run for', async () => {
  const { stops, running, deps } = fixture();
  await untilStopped(() => Promise.resolve({ ...running, finished: Promise.resolve() }), deps);
  expect(stops).toEqual(['stopped']);
});

it('stops the rest and rejects when what runs cannot go on', async () => {
  const { host, stops, running, deps } = fixture();
  const finished = Promise.reject(new Error('the worker failed'));
  await expect(untilStopped(() => Promise.resolve({ ...running, finished }), deps)).rejects.toThrow(
    'the worker failed',
  );
  expect(stops).toEqual(['stopped']);
  expect(host.eventNames()).toEqual([]);
});

it('rejects if the start fails', async () => {
  const { host, deps } = fixture();
  await expect(untilStopped(() => Promise.reject(new Error('no port')), deps)).rejects.toThrow('no port');
  expect(host.eventNames()).toEqual([]);
});
