import { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { heartbeatInterceptor } from '../../worker/heartbeat.ts';

/** An attempt that ends once it has shown twice that it is alive. */
function attemptOver(environment: MockActivityEnvironment): Promise<unknown> {
  let beats = 0;
  return environment.run(() => {
    const execute = heartbeatInterceptor(Context.current()).inbound?.execute;
    const until2 = new Promise((resolve) => environment.on('heartbeat', () => ++beats === 2 && resolve('alive')));
    return execute === undefined ? Promise.resolve('left alone') : execute({ args: [], headers: {} }, () => until2);
  });
}

it('sends heartbeats for an attempt again and again', async () => {
  expect(await attemptOver(new MockActivityEnvironment({ heartbeatTimeoutMs: 30 }))).toBe('alive');
});

it('sends none for attempts without a heartbeat timeout and for local ones', async () => {
  expect(await attemptOver(new MockActivityEnvironment({}))).toBe('left alone');
  expect(await attemptOver(new MockActivityEnvironment({ heartbeatTimeoutMs: 30, isLocal: true }))).toBe('left alone');
});
