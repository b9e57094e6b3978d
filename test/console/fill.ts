import { setTimeout as pause } from 'node:timers/promises';
import { answerOf, type ApiAccess, apiClient } from '../../cli/api-client.ts';
import { runSend } from '../../cli/commands/send.ts';
import { loadConfig } from '../../config.ts';

/** Samples that are sent, each with what is changed in it. What becomes of each is told by the workflows in `workflows/`. */
const samples: readonly (readonly [source: string, type: string, changes?: Record<string, string>])[] = [
  ['stripe', 'payment_intent.succeeded'], // Completes.
  ['stripe', 'payment_intent.succeeded', orderOf('pi_stuck', 'ORDER-STUCK-1')], // Is parked.
  ['stripe', 'payment_intent.succeeded', orderOf('pi_stuck_2', 'ORDER-STUCK-2')], // Likewise.
  ['stripe', 'payment_intent.succeeded', orderOf('pi_hostile', '<img src=x onerror=alert(1)>\u202e🪝{{7*7}}')],
  ['stripe', 'charge.dispute.created'], // Asks a person.
  ['midtrans', 'gopay.pending'], // Waits.
  ['stripe', 'payment_intent.payment_failed'], // Fails.
  ['stripe', 'customer.subscription.updated'], // Starts nothing.
  ['xendit', 'invoice.paid'],
];

/** How many runs these start. */
const expectedRuns = 7;

function orderOf(payment: string, order: string): Record<string, string> {
  return { id: `evt_${payment}`, 'data.object.id': payment, 'data.object.metadata.order_id': order };
}

/** Sends signed samples, and waits until their runs have come as far as they can without help. */
export async function fill(environment: Record<string, string>, access: ApiAccess): Promise<{ receiver: string }> {
  const config = loadConfig({ ...environment });
  for (const [source, type, changes = {}] of samples) {
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
  const api = apiClient(access);
  const deadline = performance.now() + 90_000;
  for (;;) {
    const { items } = await answerOf(api.GET('/runs', { params: { query: { limit: 100 } } }));
    const settled = items.filter(({ state }) => state !== 'running' && state !== 'unknown');
    if (settled.length >= expectedRuns) break;
    if (performance.now() > deadline) throw new Error(`The runs do not settle: ${JSON.stringify(items)}`);
    await pause(250);
  }
  const { receiver } = await answerOf(api.GET('/status'));
  return { receiver };
}
