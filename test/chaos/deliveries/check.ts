import { excuses } from '../check-messages.ts';
import { expectOneEach } from '../expect-one-each.ts';
import type { ArrivedDelivery, DeliveryFacts } from './facts.ts';

/** What Kait promises of deliveries, and did not keep. Empty: everything is as it should be. */
export function checkDeliveryFacts(facts: DeliveryFacts): string[] {
  const { endpoints, references, deliveries, arrived, openActivities, unaskedExits } = facts;
  const wanted = endpoints.flatMap((endpoint) => references.map((reference) => nameOf({ endpoint, reference })));
  const ids = new Map<string, Set<string>>();
  for (const { reference, webhookId } of deliveries) {
    ids.set(reference, (ids.get(reference) ?? new Set()).add(webhookId));
  }
  return [
    ...unaskedExits.map(({ victim, how, output }) => `${victim} ended by itself with ${how}:\n${output}`),
    ...expectOneEach('delivery on record', deliveries.map(nameOf), wanted),
    ...deliveries.filter(({ state }) => state !== 'delivered').map((each) => `${nameOf(each)}: left ${each.state}`),
    ...deliveries
      .filter(({ recordedSuccesses }) => recordedSuccesses !== 1)
      .map((each) => `${nameOf(each)}: ${each.recordedSuccesses} successful attempts on record`),
    ...[...ids].filter(([, each]) => each.size > 1).map(([reference]) => `${reference}: more than one webhook-id`),
    ...openActivities.map((id) => `${id}: still open in Temporal`),
    ...expectOneEach('delivery at the endpoint', [...new Set(arrived.map(nameOf))], wanted),
    ...arrived.filter(({ verified }) => !verified).map((each) => `${nameOf(each)}: its signature is wrong`),
    ...checkIds(facts),
    ...repeatsOf(arrived)
      .filter((repeat) => !isExcused(repeat, facts))
      .map(([, again]) => `${nameOf(again)}: arrived again although nothing kept the first answer from being recorded`),
  ];
}

function nameOf({ endpoint, reference }: { endpoint: string; reference: string }): string {
  return `${reference} to ${endpoint}`;
}

/** All requests of a message carry its id. */
function checkIds({ deliveries, arrived }: DeliveryFacts): string[] {
  const idOf = new Map(deliveries.map(({ reference, webhookId }) => [reference, webhookId]));
  return arrived
    .filter(({ reference, webhookId }) => idOf.get(reference) !== webhookId)
    .map((each) => `${nameOf(each)}: arrived as ${each.webhookId}`);
}

type Repeat = [first: ArrivedDelivery, again: ArrivedDelivery];

/** What an endpoint has accepted again, each with the acceptance before. */
export function repeatsOf(arrived: ArrivedDelivery[]): Repeat[] {
  const last = new Map<string, ArrivedDelivery>();
  return arrived
    .toSorted((one, other) => one.atMs - other.atMs)
    .flatMap((each) => {
      const before = last.get(nameOf(each));
      last.set(nameOf(each), each);
      return before === undefined ? [] : [[before, each] as Repeat];
    });
}

/** Only the worker sends and records, and only the database keeps the record: an outage is like a kill of the worker, and lasts. */
function isExcused([first, again]: Repeat, { kills, outages }: DeliveryFacts): boolean {
  const begins = outages.map(({ fromMs }) => ({ victim: 'worker', atMs: fromMs }));
  if ([...kills, ...begins].some((kill) => excuses(kill, first, again))) return true;
  return outages.some(({ fromMs, toMs }) => first.atMs >= fromMs && first.atMs <= toMs);
}
