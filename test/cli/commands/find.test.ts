import { expect, it } from 'vitest';
import { fakeApi } from '../fake-api.ts';
import { findText } from '../../../cli/commands/find.ts';

const nothing = { events: [], rejections: [], runs: [], approvals: [], deliveries: [], mails: [], more: [] };

const at = '2026-01-01T00:00:00.000Z';
const run = 'kait-1/order/shop/evt_1';
const event = {
  ...{ source: 'shop', eventId: 'evt_1', type: 'payment.succeeded', state: 'dispatched', receivedAt: at },
  ...{ orderId: 'INV-1', currency: 'IDR', amount: 200_000_000, lastError: null },
};

it('shows what mentions a text, each with the command that shows more', async () => {
  const { api, asked } = fakeApi({
    events: [event],
    rejections: [{ at, source: 'shop', reason: 'wrong-signature', address: '203.0.113.9' }],
    runs: [{ workflowId: run, definition: 'order', startedAt: at, because: 'started-by' }],
    approvals: [{ workflowId: run, step: 'ask', question: 'Refund IDR 2,000,000.00?', state: 'open', openedAt: at }],
    deliveries: [
      {
        ...{ id: 'dlv_1', type: 'order.created', url: 'https://a.example', state: 'refused', attempts: 3 },
        ...{ lastError: '410 Gone', createdAt: at, run },
      },
    ],
    mails: [{ id: 'mail_1', recipient: 'sari@shop.example', subject: 'Receipt', state: 'sent', createdAt: at, run }],
    more: ['events'],
  });
  expect(await findText(api, 'INV-1 & co', { utc: true })).toBe(
    [
      'Events',
      '  2026-01-01 00:00:00Z  dispatched  payment.succeeded  evt_1  INV-1  IDR 2,000,000.00',
      '    kait events show shop evt_1',
      '  … and older ones',
      '',
      'Rejected requests that named the same. None is known to be genuine',
      '  2026-01-01 00:00:00Z  wrong-signature  shop  203.0.113.9',
      '    kait rejections --source shop',
      '',
      'Runs',
      '  2026-01-01 00:00:00Z  order',
      `    kait runs show ${run}`,
      '',
      'Approvals',
      '  2026-01-01 00:00:00Z  open  Refund IDR 2,000,000.00?',
      `    kait approvals show ${run} ask`,
      '',
      'Deliveries',
      '  2026-01-01 00:00:00Z  refused  3 attempts  order.created  https://a.example  dlv_1  410 Gone',
      '    kait deliveries retry dlv_1',
      '',
      'Mails',
      '  2026-01-01 00:00:00Z  sent  sari@shop.example  Receipt',
      `    kait runs show ${run}`,
    ].join('\n'),
  );
  expect(asked).toEqual(['GET /find?text=INV-1%20%26%20co']);
});

it('says that nothing mentions a text', async () => {
  const { api } = fakeApi(nothing);
  expect(await findText(api, 'INV\u001b[2J', {})).toBe('Nothing mentions INV\uFFFD[2J. The whole text has to match.');
});

it('shows hostile texts without effect, on a terminal and in a shell', async () => {
  const { api } = fakeApi({
    ...nothing,
    events: [{ ...event, eventId: "x'; rm -rf ~\u001b[2J", orderId: '\u202eINV' }],
  });
  const shown = await findText(api, 'x', { utc: true });
  expect(shown).toContain(`kait events show shop 'x'\\''; rm -rf ~\uFFFD[2J'`);
  expect(shown).toContain('  \uFFFDINV  IDR 2,000,000.00');
});
