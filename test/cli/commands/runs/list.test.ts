import { expect, it } from 'vitest';
import { fakeApi } from '../../fake-api.ts';
import { showRuns } from '../../../../cli/commands/runs/list.ts';
import { showEvents } from '../../../../cli/commands/events.ts';

const at = '2026-01-01T00:00:00.000Z';
const subject = { orderId: 'INV-1', currency: 'IDR', amount: 200_000_000 };

it('lists runs with their order and amount, and says how to go on', async () => {
  const row = {
    workflowId: 'kait-1/order/shop/evt_1',
    eventType: 'payment.succeeded',
    startedAt: at,
    ...{ status: 'FAILED', state: 'failed', step: 'tell', why: 'Step "tell" failed:\u001b[2J 404' },
  };
  const { api, asked } = fakeApi({ items: [{ ...row, ...subject }], next: 'abc.def' });
  const shown = await showRuns(api, { limit: 1, order: 'INV-1', since: at, utc: true });
  expect(shown.split('\n').slice(1)).toEqual([
    '2026-01-01 00:00:00Z  failed  tell  INV-1  IDR 2,000,000.00  kait-1/order/shop/evt_1  payment.succeeded  Step "tell" failed:\uFFFD[2J 404',
    'More: add --cursor abc.def',
  ]);
  expect(asked).toEqual(['GET /runs?limit=1&order=INV-1&since=2026-01-01T00%3A00%3A00.000Z']);
});

it('lists the runs that have failed at a step', async () => {
  const { api, asked } = fakeApi({ items: [], next: null });
  expect(await showRuns(api, { limit: 1, failed: true, step: 'tell' })).toBe('No runs.');
  expect(asked).toEqual(['GET /runs?limit=1&step=tell&state=failed']);
});

it('says how to go on if the runs that were looked at were others', async () => {
  const { api } = fakeApi({ items: [], next: 'abc.def' });
  expect(await showRuns(api, { limit: 1, state: 'retried' })).toBe('None so far.\nMore: add --cursor abc.def');
});

it('refuses two states', async () => {
  const { api, asked } = fakeApi({});
  await expect(showRuns(api, { limit: 1, failed: true, state: 'parked' })).rejects.toMatchObject({
    code: 'KAIT_USAGE',
    message: '--failed is --state failed. Give one of them.',
  });
  expect(asked).toEqual([]);
});

it('lists events with their order and amount', async () => {
  const row = {
    source: 'shop',
    eventId: 'evt_1',
    type: 'payment.succeeded',
    entity: null,
    state: 'failed',
    duplicates: 2,
  };
  const { api, asked } = fakeApi({ items: [{ ...row, ...subject, receivedAt: at, lastError: 'no' }], next: null });
  const shown = await showEvents(api, { limit: 1, customer: 'a+b@shop.example', utc: true });
  expect(shown.split('\n').slice(1)).toEqual([
    '2026-01-01 00:00:00Z  shop    evt_1  payment.succeeded  INV-1  IDR 2,000,000.00  failed  2×          no',
  ]);
  expect(asked).toEqual(['GET /events?limit=1&customer=a%2Bb%40shop.example']);
});
