import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startTemporalHost, type TemporalHost } from './temporal-host.ts';

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

const discount = { if: [{ '>=': [{ var: 'amount' }, '1000'] }, { '*': [{ var: 'amount' }, '0.1'] }, 0] };
const endless = { reduce: [Array(30).fill(0), { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] }, 'x'] };

it('evaluates a rule by json-logic-js inside the workflow sandbox, again on each replay', async () => {
  const { handle } = await host.start({
    steps: [
      {
        id: 'order',
        if: { jsonlogic: { rule: { '!!': { var: 'payment.amount' } }, data: '{{event}}' } },
        call: 'orders.create',
        with: { discount: { jsonlogic: { rule: discount, data: { amount: 25_000 } } } },
      },
      { id: 'pause', wait: '1ms' },
    ],
    output: { status: '{{status.order}}', source: { jsonlogic: { rule: { var: 'source' }, data: '{{event}}' } } },
  });
  expect(await handle.result()).toEqual({ status: 'done', source: 'stripe' });
});

it('passes on what a rule gives', async () => {
  const run = await host.start({
    steps: [
      {
        id: 'order',
        call: 'orders.create',
        with: { discount: { jsonlogic: { rule: discount, data: { amount: 25_000 } } } },
      },
    ],
  });
  await run.handle.result();
  expect(run.calls.map(({ input }) => input)).toEqual([{ discount: 2_500 }]);
});

it('fails a run whose rule is too expensive', async () => {
  const { handle } = await host.start({
    steps: [{ id: 'grow', set: { text: { jsonlogic: { rule: endless, data: null } } } }],
  });
  await expect(handle.result()).rejects.toMatchObject({
    cause: { message: expect.stringContaining('a text gets longer than 100000 characters') as string },
  });
});
