import { setTimeout as pause } from 'node:timers/promises';
import Stripe from 'stripe';
import { answerOf, type ApiClient, apiClient } from '../../cli/api-client.ts';

/** What somebody may have written wherever a text is taken: markup, other directions of writing, and letters of several code units. */
export const hostile =
  '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202e\u2066gnp.\u2069🪝👩‍👩‍👧‍👦ﷺ [[7*7]] javascript:window.pwned=1';
export const long = 'x'.repeat(400);
export const longName = 'n'.repeat(63);
export const secret = 'whsec_of_the_tests';
/** The same as far as names of people may go, and as long as they may be. */
export const person = `${hostile.replaceAll(/\p{C}/gu, '')}${long}`.slice(0, 200);

/** The paths of pages of single things, which are not known before. */
export interface HostilePages {
  paths: string[];
  /** A tenant's link, and such paths in its portal. */
  portal: { link: string; paths: string[] };
}

/** Fills a Kait with what nobody would wish for. */
export async function fillHostile(api: ApiClient, shop: string, definitions: readonly string[]): Promise<HostilePages> {
  const portal = await fillPortal(api, shop);
  const outbound = await fillOutbound(api, shop);
  await sendWebhooks((await answerOf(api.GET('/status'))).receiver);
  const run = { params: { path: { definition: 'nightly' } }, body: { reason: hostile, by: person } };
  const scheduled = await answerOf(api.POST('/schedules/{definition}/runs', run));
  await answerOf(api.POST('/schedules/{definition}/pause', run));
  const runs = await answerRuns(api);
  const { items: events } = await answerOf(api.GET('/events', { params: { query: { limit: 50 } } }));
  return {
    portal,
    paths: [
      ...events.map(({ source, eventId }) => `/events/${encodeURIComponent(source)}/${encodeURIComponent(eventId)}`),
      ...runs.map((run) => `/runs/${encodeURIComponent(run)}`),
      ...definitions.map((name) => `/definitions/${name}`),
      `/playground?definition=${definitions[0]}`,
      ...['stripe', longName].map((name) => `/sources/${name}`),
      ...[hostile, long, scheduled.run].map((words) => `/find?q=${encodeURIComponent(words)}`),
      ...outbound,
    ],
  };
}

/** Adds an endpoint, sends it a webhook and sends it again. Returns the paths of the pages of all three. */
async function fillOutbound(api: ApiClient, shop: string): Promise<string[]> {
  const address = `${shop}/${encodeURIComponent(hostile)}?${'q'.repeat(900)}`;
  const body = { url: address, patterns: ['*'], description: hostile };
  const { id: endpoint } = await answerOf(api.POST('/endpoints', { body }));
  const tested = api.POST('/endpoints/{endpoint}/test', { params: { path: { endpoint } }, body: {} });
  const { delivery } = await answerOf(tested);
  const again = { endpoint, states: ['delivered' as const], missing: false, dryRun: false, reason: hostile };
  const { id: replay } = await answerOf(api.POST('/replays', { body: again }));
  return [`/endpoints/${endpoint}`, `/deliveries/${delivery}`, `/replays/${replay}`];
}

/** What a tenant does by itself. */
async function fillPortal(api: ApiClient, shop: string): Promise<HostilePages['portal']> {
  const { url, token } = await answerOf(api.POST('/portal-links', { body: { tenant: `t${'e'.repeat(98)}t` } }));
  const { origin, pathname, hash } = new URL(url);
  return { link: pathname + hash, paths: await fillOutbound(apiClient({ url: origin, token }), shop) };
}

async function sendWebhooks(receiver: string): Promise<void> {
  await send(receiver, 'stripe', payment('pi_plain', hostile));
  await send(receiver, 'stripe', payment(`pi_${long}`, long));
  await send(receiver, longName, payment('pi_markup_"><b>', `${hostile}\u0001`));
  await send(receiver, 'stripe', payment('pi_large', 'ORDER', { large: `${hostile} `.repeat(6_000) }));
  await send(receiver, 'stripe', payment('pi_failed', hostile, {}, 'payment_intent.payment_failed'));
  await send(receiver, 'stripe', `{"id": "<img src=x onerror=window.pwned=1>${long}`); // Signed, and unreadable.
  await sendForged(`${receiver}/in/stripe`, hostile);
  await sendForged(`${receiver}/in/stripe`, payment('pi_forged', hostile));
  await sendForged(`${receiver}/in/${longName}`, payment('pi_forged', long));
  await sendForged(`${receiver}/in/${encodeURIComponent(hostile)}`, '{}');
}

/** A request that is rejected, with many headers of long names. */
async function sendForged(url: string, body: string): Promise<void> {
  const many = Array.from({ length: 60 }, (_, index) => [`x-onerror-${index}-${'n'.repeat(80)}`, hostile.slice(0, 35)]);
  const headers = { 'content-type': 'text/html', 'stripe-signature': 't=1,v1=<b>', ...Object.fromEntries(many) };
  const { status } = await fetch(url, { method: 'POST', headers, body });
  if (status < 400) throw new Error(`A forged webhook was answered with ${status}`);
}

/** Waits until the runs have come as far as they can without help. Has one of them answered, and another paused. Returns the ids of all. */
async function answerRuns(api: ApiClient): Promise<string[]> {
  const listed = async () => (await answerOf(api.GET('/runs', { params: { query: { limit: 50 } } }))).items;
  await until(async () => {
    const found = await listed();
    return found.filter(({ state }) => state === 'approval' || state === 'parked').length >= 6;
  });
  const runs = await listed();
  const asked = await answerOf(api.GET('/approvals', { params: { query: {} } }));
  const [first] = asked.items;
  if (first === undefined) throw new Error('Nobody was asked');
  const { workflowId, step } = first;
  const answer = { workflowId, step, approved: true, by: person, reason: hostile, via: 'api' } as const;
  await answerOf(api.POST('/approvals/answer', { body: answer }));
  await until(async () => (await listed()).some((run) => run.workflowId === workflowId && run.state === 'failed'));
  const other = runs.find((run) => run.workflowId !== workflowId && run.state === 'approval');
  if (other === undefined) throw new Error('There is no other run');
  const params = { path: { run: other.workflowId } };
  await answerOf(api.POST('/runs/{run}/pause', { params, body: { reason: hostile, by: person, via: 'api' } }));
  return runs.map((run) => run.workflowId);
}

/** A webhook whose object has members that every object has. */
function payment(id: string, order: string, more: object = {}, type = 'payment_intent.succeeded'): string {
  const metadata = { order_id: order, [hostile]: hostile, [long]: long, constructor: hostile, ...more };
  const object = {
    ...{ id, object: 'payment_intent', amount: 2_500_000, amount_received: 2_500_000, currency: 'idr', created: 1 },
    ...{
      receipt_email: `"${hostile}"@example.id`,
      description: hostile,
      status: 'succeeded',
      livemode: true,
      metadata,
    },
    last_payment_error: { code: hostile, message: hostile },
  };
  const event = { id: `evt_${id}`, object: 'event', created: 1_767_225_590, livemode: true, type, data: { object } };
  const hidden = '"metadata":{"__proto__":{"polluted":"<b>"},"toString":"\\u0000<i>",';
  return JSON.stringify(event).replace('"metadata":{', hidden);
}

async function send(receiver: string, source: string, payload: string): Promise<void> {
  const headers = {
    ...{ 'content-type': 'application/json', 'x-hostile': '<img src=x onerror=window.pwned=1>' },
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret }),
  };
  const response = await fetch(`${receiver}/in/${source}`, { method: 'POST', headers, body: payload });
  if (!response.ok) throw new Error(`${source} has refused: ${response.status} ${await response.text()}`);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 90_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('The runs do not settle');
    await pause(250);
  }
}
