import { expect, it } from 'vitest';
import { freeTurn, showTurns } from '../../../cli/commands/turns.ts';
import { fakeApi } from '../fake-api.ts';

const key = { definition: 'in-order', key: 'pi_1', workflowId: 'kait/in-order/shop/evt_1', waiting: 3 };

it('lists keys, and says how many runs wait', async () => {
  const { api, asked } = fakeApi({ items: [{ ...key, state: 'blocked', since: '2026-11-28T03:00:00.000Z' }] });
  const text = await showTurns(api, { limit: 20, definition: 'in-order' });
  expect(text.split('\n').map((line) => line.split(/  +/))).toEqual([
    ['definition', 'key', 'state', 'since', 'waiting', 'run'],
    ['in-order', 'pi_1', 'blocked', '2026-11-28T03:00:00.000Z', '3', 'kait/in-order/shop/evt_1'],
  ]);
  expect(asked).toEqual(['GET /turns?limit=20&all=false&definition=in-order']);
});

it('shows a key without commands for the terminal', async () => {
  const { api } = fakeApi({
    items: [{ ...key, key: 'pi\u001b[2J', state: 'holding', since: '2026-11-28T03:00:00.000Z' }],
  });
  expect(await showTurns(api, { limit: 20 })).not.toContain('\u001b[2J');
});

it.each([
  [false, 'No run waits for a key.'],
  [true, 'No run has a key.'],
])('says so if there is none (all: %s)', async (all, text) => {
  expect(await showTurns(fakeApi({ items: [] }).api, { limit: 20, all })).toBe(text);
});

it('frees a key, and says whose it was', async () => {
  const { api, asked } = fakeApi({ workflowId: key.workflowId });
  expect(await freeTurn(api, 'in-order', 'pi_1', { reason: 'refunded by hand' })).toBe(
    'kait/in-order/shop/evt_1 no longer has the key. The next run of it goes on, even if that one is still open.',
  );
  const body = { definition: 'in-order', key: 'pi_1', reason: 'refunded by hand', by: expect.any(String) as string };
  expect(asked).toEqual([['POST /turns/free', body]]);
  expect(await freeTurn(fakeApi({ workflowId: null }).api, 'a', 'b', { reason: 'r' })).toBe(
    'No run of a has the key b.',
  );
});
