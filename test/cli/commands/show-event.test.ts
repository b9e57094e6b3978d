import { expect, it } from 'vitest';
import { showEvent } from '../../../cli/commands/show-event.ts';
import { fakeApi } from '../fake-api.ts';
import { sampleEvent } from '../../server/sample-event.ts';

const body = {
  ...{ contentType: 'application/json', bytes: 40, sha256: 'ab12', items: 1, item: 0 },
  numbersAsText: [] as string[],
  ...{ hidden: null as string | null, raw: null as string | null },
};
const answer = {
  ...{ source: 'shop', eventId: 'evt_1', type: 'payment.refunded', entity: 'pi_1', state: 'ignored', duplicates: 2 },
  ...{
    receivedAt: '2026-01-01T00:00:01.000Z',
    lastError: 'test event' as string | null,
    rereadAs: null as string | null,
  },
  hasDetails: true,
  envelope: sampleEvent({
    type: 'payment.refunded',
    live: false,
    refund: { id: 're_1', amount: 500, totalRefunded: null, full: false, currency: 'IDR', reason: null },
  }),
  runs: [{ workflowId: 'order/shop/evt_1', startedAt: '2026-01-01T00:00:02.000Z', inDoubt: false }] as object[],
  audit: [] as object[],
  handovers: [] as object[],
  turns: [] as object[],
  data: { note: 'a\u001b[31mred\u202e', amount: 500 } as unknown,
  body: body as typeof body | null,
};

async function show(changes: Partial<typeof answer> = {}, options: { json?: boolean; raw?: boolean } = {}) {
  const { api, asked } = fakeApi({ ...answer, ...changes });
  const text = await showEvent(api, 'shop', 'evt_1', options);
  return { text, asked };
}

it('shows runs in doubt and runs that are still to be started, and who asked for them and why', async () => {
  const { text } = await show({
    runs: [
      { workflowId: 'order/shop/evt_1', startedAt: '2026-01-01T00:00:02.000Z', inDoubt: true },
      { workflowId: 'order/shop/evt_1/kait:again-1', startedAt: null, inDoubt: false },
    ],
    audit: [
      {
        ...{ at: '2026-01-02T00:00:00.000Z', actor: 'ana@ops', action: 'run-again' },
        ...{ target: 'order/shop/evt_1/kait:again-1', reason: 'the bank \u202elost it' },
      },
    ],
  });
  expect(text).toContain(`  run             order/shop/evt_1 (in doubt)
  run             order/shop/evt_1/kait:again-1 (to be started)

audit
  run-again       order/shop/evt_1/kait:again-1
                  2026-01-02T00:00:00.000Z by ana@ops: the bank`);
  expect(text).not.toContain('\u202e');
});

it('shows the runs under way that the event was given to, and what became of it there', async () => {
  const given = { step: null, at: '2026-01-01T00:00:02.000Z' };
  const { text } = await show({
    handovers: [
      { ...given, workflowId: 'kait/remind/shop/evt_0', state: 'taken', step: 'settled' },
      { ...given, workflowId: 'kait/watch/shop/evt_0', state: 'sent' },
      { ...given, workflowId: 'kait/late/shop/evt_0', state: 'pending' },
    ],
  });
  expect(text).toContain(`  given to        kait/remind/shop/evt_0, where the step settled has taken it
  given to        kait/watch/shop/evt_0, where no step has taken it
  given to        kait/late/shop/evt_0 (to be sent)`);
});

it('shows whose turn it is, and why a run did not start', async () => {
  const turn = { key: 'pi_1', because: null };
  const { text } = await show({
    turns: [
      { ...turn, workflowId: 'kait/a/shop/evt_0', state: 'queued' },
      { ...turn, workflowId: 'kait/b/shop/evt_0', state: 'blocked' },
      { ...turn, workflowId: 'kait/c/shop/evt_0', state: 'skipped', because: 'evt_9' },
      { ...turn, workflowId: 'kait/d/shop/evt_0', state: 'ready', key: null },
    ],
  });
  expect(text).toContain(`  turn            kait/a/shop/evt_0 waits behind another run of its key (key pi_1)
  turn            kait/b/shop/evt_0 has failed, and keeps its key; "turns free" lets the next one go on (key pi_1)
  turn            kait/c/shop/evt_0 did not start, because the key was taken by evt_9 (key pi_1)
  turn            kait/d/shop/evt_0 is next, and waits for its time, for a limit, or for an earlier event`);
});

it('shows what an event is, what became of it, and what the gateway sent, without commands for the terminal', async () => {
  const { text } = await show();
  expect(text).toBe(
    `payment.refunded

  id              evt_1
  source          shop (stripe)
  state           ignored: test event
  native type     payment_intent.succeeded
  live            no, it is a test event
  entity          pi_1
  occurred        2026-01-01T00:00:00.000Z
  received        2026-01-01T00:00:01.000Z
  sent again      2×
  run             order/shop/evt_1

payment
  id              pi_1
  orderId         ORDER-1
  amount          2500000
  currency        IDR
  status          succeeded
  method          card
  customer email  sari@shop.example
  customer name   Sari

refund
  id              re_1
  amount          500
  full            false
  currency        IDR

body  application/json, 40 bytes, sha256 ab12
{
  "note": "a\\u001b[31mred\uFFFD",
  "amount": 500
}`,
  );
});

it.each([
  [true, 'yes'],
  [null, 'the gateway does not say'],
])('says whether an event is live: %s', async (live, expected) => {
  const { text } = await show({ envelope: sampleEvent({ live }) });
  expect(text).toContain(`  live            ${expected}\n`);
});

it('says which event of a batch it is', async () => {
  const { text } = await show({ body: { ...body, items: 3, item: 1 } });
  expect(text).toContain('sha256 ab12, event 2 of 3\n');
});

it('says which numbers are shown as text', async () => {
  const { text } = await show({ body: { ...body, numbersAsText: ['/id', '/n'] } });
  expect(text.split('\n').at(-1)).toBe('Numbers beyond 2^53, shown as text so that no digit is lost: /id, /n');
});

it('cuts a long body, and says how to see the rest', async () => {
  const { text } = await show({ data: 'x'.repeat(20_000) });
  expect(text.split('\n').at(-1)).toBe('… 3618 more characters. --json shows all of it.');
});

it('says why a body is not shown, and shows its first bytes only if they are asked for', async () => {
  const hidden = 'it cannot be taken apart (not-json), so that nothing can be redacted from it';
  const plain = await show({ data: null, body: { ...body, hidden } });
  expect(plain.asked).toEqual(['GET /events/shop/evt_1']);
  expect(plain.text.split('\n').at(-1)).toBe(`Not shown: ${hidden}. --raw shows its first bytes as they are.`);
  const raw = await show({ data: null, body: { ...body, hidden, raw: '{"a\u0000\u001b]0;x\nb' } }, { raw: true });
  expect(raw.asked).toEqual(['GET /events/shop/evt_1?raw=true']);
  expect(raw.text.split('\n').slice(-4)).toEqual([`Not shown: ${hidden}.`, '', String.raw`{\"a\u0000\u001b]0;x`, 'b']);
});

it('says that a body is no longer kept', async () => {
  const { text } = await show({ data: null, body: null });
  expect(text.split('\n').at(-1)).toBe('The body is no longer kept (keepBodies).');
});

it('names the id under which the event was stored again', async () => {
  const { text } = await show({ rereadAs: 'pi_1:succeeded', lastError: 'stored again as pi_1:succeeded' });
  expect(text).toContain('  stored again    as pi_1:succeeded\n');
});

it('prints all of it as JSON', async () => {
  const { text } = await show({}, { json: true });
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(answer)));
});

it('says that the details of an event are no longer kept, and shows what is', async () => {
  const { text } = await show({
    ...{ hasDetails: false, lastError: null, data: null, body: null },
    envelope: {
      ...{ gateway: 'stripe', type: 'payment.refunded', nativeType: 'charge.refunded', entity: 'pi_1', tenant: null },
      occurredAt: '2026-01-01T00:00:00.000Z',
    } as never, // As the API answers it then.
  });
  expect(text).toBe(`payment.refunded

  id              evt_1
  source          shop (stripe)
  state           ignored
  native type     charge.refunded
  entity          pi_1
  occurred        2026-01-01T00:00:00.000Z
  received        2026-01-01T00:00:01.000Z
  sent again      2×
  run             order/shop/evt_1

Its details and its body are no longer kept (keepEvents). Sent again, it is still a duplicate.`);
});
