import { checkCounts } from './check-counts.ts';
import { checkEffects } from './check-effects.ts';
import { checkDeliveries, checkMails } from './check-messages.ts';
import { countByKey, expectOneEach } from './expect-one-each.ts';
import { expectedRuns, recordedRuns, runIdOf } from './expected-runs.ts';
import type { Facts, SentEvent } from './facts.ts';
import { checkSteering } from './check-steering.ts';
import { askedPeople } from './operator.ts';

/** What Kait promises, compared by id. Each entry names one violation; none means that all promises were kept. */
export function checkFacts(facts: Facts): string[] {
  const owed = owedEvents(facts);
  const orders = owed.filter(({ kind }) => kind === 'order');
  return [
    ...checkSending(facts),
    ...checkInbox(facts),
    ...checkRuns(facts, owed),
    ...checkOrders(facts, orders),
    ...checkMails(facts, orders),
    ...checkDeliveries(facts, orders),
    ...checkEffects(facts, owed),
    ...checkCounts(facts, owed),
    ...checkApprovals(facts, owed),
    ...checkSteering(facts, owed),
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

/** Each answer counts once, however often it was given. */
function checkApprovals({ approvals }: Facts, owed: SentEvent[]): string[] {
  const asked = owed.filter(({ kind }) => kind === 'asks');
  return expectOneEach(
    'approval',
    approvals.map(({ workflowId, person }) => `${workflowId} ${person}`),
    asked.flatMap((event) => askedPeople.map((person) => `${runIdOf(event)} ${person}`)),
  );
}

function checkSending({ sent, refusals, unaskedExits }: Facts): string[] {
  return [
    ...sent.filter(({ acknowledged }) => !acknowledged).map(({ id }) => `${id}: never acknowledged`),
    ...refusals,
    ...unaskedExits.map(({ victim, how, output }) => `${victim}: ended by itself with ${how}:\n${output}`),
  ];
}

/** Why a poison event fails. If a run could read that much, `sign-event.ts` would have to send more. */
const poisonReason = /^archive-report: The run's input takes \d+ bytes as JSON, and at most 25165824 fit\./;

function checkInbox({ sent, inbox }: Facts): string[] {
  const acknowledged = sent.filter((event) => event.acknowledged).map(({ id }) => id);
  const possible = sent.map(({ id }) => id);
  const poison = new Set(sent.filter(({ kind }) => kind === 'poison').map(({ id }) => id));
  // One that comes before the run which waits for it starts nothing by itself.
  const awaited = new Set(sent.filter(({ kind }) => kind === 'pays').map(({ id }) => id));
  const rows = inbox.map(({ eventId }) => eventId);
  return [
    ...expectOneEach('inbox row', rows, acknowledged, possible),
    ...inbox
      .filter(({ eventId, state }) => state !== (poison.has(eventId) ? 'failed' : 'dispatched'))
      .filter(({ eventId, state }) => !awaited.has(eventId) || state !== 'ignored')
      .map(({ eventId, state }) => `${eventId}: left ${state}`),
    ...inbox
      .filter(({ state, reason }) => state === 'failed' && !poisonReason.test(reason ?? ''))
      .map(({ eventId, reason }) => `${eventId}: failed because of ${reason}`),
    ...inbox.filter(({ claimed }) => claimed).map(({ eventId }) => `${eventId}: a claim is left`),
  ];
}

function checkRuns({ runs, executions, openActivities }: Facts, owed: SentEvent[]): string[] {
  const expected = owed.flatMap(expectedRuns);
  const statuses = new Map(expected.map(({ workflowId, status }) => [workflowId, status]));
  const ends = executions.filter(({ status }) => status !== 'CONTINUED_AS_NEW');
  const eventIds = new Map(owed.flatMap((event) => recordedRuns(event).map((id) => [id, event.id])));
  return [
    ...expectOneEach(
      'recorded run',
      runs.map(({ workflowId }) => workflowId),
      owed.flatMap(recordedRuns),
    ),
    ...expectOneEach(
      'execution in Temporal',
      ends.map(({ workflowId }) => workflowId),
      [...statuses.keys()],
    ),
    ...runs
      .filter(({ workflowId, eventId }) => eventIds.has(workflowId) && eventIds.get(workflowId) !== eventId)
      .map(({ workflowId, eventId }) => `${workflowId}: recorded as the run of ${eventId}`),
    ...ends
      .filter(({ workflowId, status }) => statuses.has(workflowId) && statuses.get(workflowId) !== status)
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
