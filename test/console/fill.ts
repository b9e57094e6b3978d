import { setTimeout as pause } from 'node:timers/promises';
import { answerOf, type ApiAccess, apiClient } from '../../cli/api-client.ts';
import { runSend } from '../../cli/commands/send.ts';
import { loadConfig } from '../../config.ts';

/** Samples that are sent, each with what is changed in it. What becomes of each is told by the workflows in `workflows/`. */
const samples: readonly (readonly [source: string, type: string, changes?: Record<string, string>])[] = [
  ['stripe', 'payment_intent.succeeded'], // Completes.
  ['stripe', 'payment_intent.succeeded'], // The same again.
  ['stripe', 'payment_intent.succeeded', orderOf('pi_stuck', 'ORDER-STUCK-1')], // Is parked.
  ['stripe', 'payment_intent.succeeded', orderOf('pi_stuck_2', 'ORDER-STUCK-2')], // Likewise.
  ['stripe', 'payment_intent.succeeded', orderOf('pi_stuck_en', 'ORDER-STUCK-EN')], // Likewise.
  ['stripe', 'payment_intent.succeeded', orderOf('pi_stuck_id', 'ORDER-STUCK-ID')], // Likewise.
  ['stripe', 'payment_intent.succeeded', orderOf('pi_hostile', '<img src=x onerror=alert(1)>\u202e🪝{{7*7}}')],
  ['stripe', 'charge.dispute.created'], // Asks a person.
  ['midtrans', 'gopay.pending'], // Waits.
  ['stripe', 'payment_intent.payment_failed'], // Fails.
  ['stripe', 'customer.subscription.updated'], // Starts nothing.
  ['xendit', 'invoice.paid'],
];

const hostileEvent = 'evt_pi_hostile';

function orderOf(payment: string, order: string): Record<string, string> {
  return { id: `evt_${payment}`, 'data.object.id': payment, 'data.object.metadata.order_id': order };
}

/** Starts a run of a definition as it was, which waits. */
export async function startOldRun(access: ApiAccess, definition: string): Promise<void> {
  const api = apiClient(access);
  const params = { path: { definition } };
  const { run } = await answerOf(
    api.POST('/definitions/{definition}/runs', { params, body: { input: {}, reason: 'to be migrated', key: 'old' } }),
  );
  const deadline = performance.now() + 60_000;
  for (;;) {
    const found = await answerOf(api.GET('/runs/{run}', { params: { path: { run } } })).catch(() => null);
    if (found?.details?.commandable.some(({ state }) => state === 'waiting') === true) return;
    if (performance.now() > deadline) throw new Error(`The run does not wait: ${JSON.stringify(found)}`);
    await pause(100);
  }
}

/** Sends signed samples and forged ones, and waits until their runs have come as far as they can without help. */
export async function fill(
  environment: Record<string, string>,
  { access, shop, withHostile }: { access: ApiAccess; shop: string; withHostile: boolean },
): Promise<{ receiver: string }> {
  const config = loadConfig({ ...environment });
  const api = apiClient(access);
  const body = { url: `${shop}/orders`, patterns: ['order.*'], description: 'Order system of our customer' };
  await answerOf(api.POST('/endpoints', { body }));
  const { receiver } = await answerOf(api.GET('/status'));
  const sent = samples.filter(([, , { id = '' } = {}]) => withHostile || id !== hostileEvent);
  for (const [source, type, changes = {}] of sent) {
    let said = '';
    const options = { set: Object.entries(changes), header: [] };
    const deps = {
      print: (text: string) => void (said += `${text}\n`),
      confirm: null,
      read: () => Promise.reject(new Error('There is no file')),
    };
    const code = await runSend(config, { source, type, options }, deps);
    if (code !== 0) throw new Error(`${source} ${type} was not accepted: ${said}`);
  }
  for (const order of ['ORDER-2001', 'ORDER-2002', 'ORDER-2003']) await sendForged(receiver, order);
  const expectedRuns = withHostile ? 9 : 8;
  const deadline = performance.now() + 90_000;
  for (;;) {
    const { items } = await answerOf(api.GET('/runs', { params: { query: { limit: 100 } } }));
    const settled = items.filter(({ state }) => state !== 'running' && state !== 'unknown');
    const { counts } = await answerOf(api.GET('/rejections', { params: { query: { source: 'midtrans' } } }));
    if (settled.length >= expectedRuns && counts.length > 0) break;
    if (performance.now() > deadline) throw new Error(`The runs do not settle: ${JSON.stringify(items)}`);
    await pause(250);
  }
  return { receiver };
}

/** As if somebody had changed the server key in the dashboard of Midtrans. */
async function sendForged(receiver: string, order: string): Promise<void> {
  const body = {
    ...{ order_id: order, transaction_id: `made-up-${order}`, transaction_status: 'settlement', status_code: '200' },
    ...{ gross_amount: '50000.00', currency: 'IDR', payment_type: 'qris', signature_key: '0'.repeat(128) },
  };
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(`${receiver}/in/midtrans`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (status !== 401) throw new Error(`A forged webhook was answered with ${status}`);
}
