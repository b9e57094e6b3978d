import { workflowIdOf } from '../../server/start-run.ts';
import { installation } from './system.ts';
import { checkDeliveries, checkMails } from './check-messages.ts';
import { countByKey, expectOneEach } from './expect-one-each.ts';
import type { Facts, SentEvent } from './facts.ts';

/** The definition that the test runs; see `definitions/workflows`. */
const definition = 'payment-succeeded';

/** What Kait promises, compared by id. Each entry names one violation; none means that all promises were kept. */
export function checkFacts(facts: Facts): string[] {
  const owed = owedEvents(facts);
  return [
    ...checkSending(facts),
    ...checkInbox(facts),
    ...checkRuns(facts, owed),
    ...checkOrders(facts, owed),
    ...checkMails(facts, owed),
    ...checkDeliveries(facts, owed),
  ];
}

/**
 * The events whose work must have been done: those that were acknowledged, and those that were stored although the answer was lost,
 * since a gateway that gives up has no way to take an event back.
 */
function owedEvents({ sent, inbox }: Facts): SentEvent[] {
  const stored = new Set(inbox.map(({ eventId }) => eventId));
  return sent.filter(({ id, acknowledged }) => acknowledged || stored.has(id));
}

function checkSending({ sent, refusals, unaskedExits }: Facts): string[] {
  return [
    ...sent.filter(({ acknowledged }) => !acknowledged).map(({ id }) => `${id}: never acknowledged`),
    ...refusals,
    ...unaskedExits.map(({ victim, how, output }) => `${victim}: ended by itself with ${how}:\n${output}`),
  ];
}

function checkInbox({ sent, inbox }: Facts): string[] {
  const acknowledged = sent.filter((event) => event.acknowledged).map(({ id }) => id);
  const possible = sent.map(({ id }) => id);
  const rows = inbox.map(({ eventId }) => eventId);
  return [
    ...expectOneEach('inbox row', rows, acknowledged, possible),
    ...inbox.filter(({ state }) => state !== 'dispatched').map(({ eventId, state }) => `${eventId}: left ${state}`),
    ...inbox.filter(({ claimed }) => claimed).map(({ eventId }) => `${eventId}: a claim is left`),
  ];
}

function checkRuns({ runs, executions, openActivities }: Facts, owed: SentEvent[]): string[] {
  const workflowIds = owed.map(({ id }) => workflowIdOf(installation, definition, { source: 'stripe', id }));
  return [
    ...expectOneEach(
      'recorded run',
      runs.map(({ workflowId }) => workflowId),
      workflowIds,
    ),
    ...expectOneEach(
      'execution in Temporal',
      executions.map(({ workflowId }) => workflowId),
      workflowIds,
    ),
    ...runs
      .filter(
        ({ workflowId, eventId }) =>
          workflowId !== workflowIdOf(installation, definition, { source: 'stripe', id: eventId }),
      )
      .map(({ workflowId, eventId }) => `${workflowId}: recorded as the run of ${eventId}`),
    ...executions
      .filter(({ status }) => status !== 'COMPLETED')
      .map(({ workflowId, status }) => `${workflowId}: ${status} in Temporal`),
    ...openActivities.map((activityId) => `${activityId}: still open in Temporal`),
  ];
}

/** 5 % from 10,000.00 on, as the definition says. */
const cashbackOf = (amountMinor: number) => Math.floor(amountMinor * 0.05);

function checkOrders({ orders, cashback }: Facts, owed: SentEvent[]): string[] {
  const references = owed.map(({ reference }) => reference);
  const referenceByOrder = new Map(orders.map(({ id, reference }) => [id, reference]));
  const entries = cashback.map((entry) => ({
    ...entry,
    reference: referenceByOrder.get(entry.orderId) ?? entry.orderId,
  }));
  const amounts = new Map(owed.map(({ reference, amountMinor }) => [reference, amountMinor]));
  return [
    ...expectOneEach(
      'order',
      orders.map(({ reference }) => reference),
      references,
    ),
    ...expectOneEach(
      'cashback entry',
      entries.map(({ reference }) => reference),
      references,
    ),
    ...orders
      .filter(({ reference, amountMinor }) => amounts.has(reference) && amounts.get(reference) !== amountMinor)
      .map(({ reference, amountMinor }) => `${reference}: order of ${amountMinor} minor units`),
    ...entries
      .filter(({ reference, amountMinor }) => {
        const paid = amounts.get(reference);
        return paid !== undefined && amountMinor !== cashbackOf(paid);
      })
      .map(({ reference, amountMinor }) => `${reference}: cashback of ${amountMinor} minor units`),
  ];
}

/** How many things arrived more than once. */
export function countRepeats(keys: string[]): number {
  return [...countByKey(keys).values()].reduce((sum, count) => sum + count - 1, 0);
}
