import { describe, expect, it } from 'vitest';
import type { Json } from '../../language/json.ts';
import { runDefinition } from './run-definition.ts';

const output = '{{vars.seen}}';
const keep = { id: 'keep', set: { seen: '{{error}}' } };
const ask = { id: 'ask', http: 'https://shop.example/pay', retry: { attempts: 1 } };
const refused = {
  error: { type: 'ResponseRefused', status: 409, body: { code: 'taken' }, headers: { location: '/p1' } },
};

async function seenOf(mock: Json) {
  const steps = [{ id: 'guard', try: [ask], catch: [{ do: [keep] }] }];
  const { output: seen } = await runDefinition({ vars: { seen: null }, steps, output }, { mocks: { ask: mock } });
  return seen;
}

describe('the steps that handle a failure see', () => {
  it('what an http step was answered', async () => {
    expect(await seenOf(refused)).toEqual({
      type: 'ResponseRefused',
      message: 'Step "ask" (http.request) failed: ResponseRefused',
      step: 'ask',
      status: 409,
      body: { code: 'taken' },
      headers: { location: '/p1' },
    });
  });

  it('null if there was no answer', async () => {
    const error = { type: 'ReceiverUnavailable', retryable: false };
    expect(await seenOf({ error })).toMatchObject({ status: null, body: null, headers: null });
  });

  it('null for other steps', async () => {
    const steps = [{ id: 'guard', try: [{ id: 'no', fail: 'no' }], catch: [{ do: [keep] }] }];
    const { output: seen } = await runDefinition({ vars: { seen: null }, steps, output });
    expect(seen).toMatchObject({ type: 'Failed', status: null, body: null, headers: null });
  });

  it('it in an onItemError, too', async () => {
    const loop = { id: 'each', forEach: { in: [1], onItemError: [keep] }, do: [ask] };
    const run = await runDefinition({ vars: { seen: null }, steps: [loop], output }, { mocks: { ask: refused } });
    expect(run.output).toMatchObject({ status: 409, body: { code: 'taken' } });
  });

  it('it after an inner finally', async () => {
    const inner = { id: 'inner', try: [ask], finally: [{ id: 'wait', wait: '1s' }] };
    const steps = [{ id: 'guard', try: [inner], catch: [{ do: [keep] }] }];
    const run = await runDefinition({ vars: { seen: null }, steps, output }, { mocks: { ask: refused } });
    expect(run.output).toMatchObject({ status: 409, headers: { location: '/p1' } });
  });
});
