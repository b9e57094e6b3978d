import { describe, expect, it } from 'vitest';
import { checkFacts, countRepeats } from './check.ts';
import type { Facts } from './facts.ts';

/** Two events that went as promised: the first at once, the second with repeats that a kill of the worker excuses. */
function goodFacts(): Facts {
  return {
    sent: [
      { id: 'evt_1', reference: 'ORDER-1', recipient: 'a@example.com', amountMinor: 1_000_000, acknowledged: true },
      { id: 'evt_2', reference: 'ORDER-2', recipient: 'b@example.com', amountMinor: 1_000_001, acknowledged: true },
    ],
    refusals: [],
    kills: [
      { victim: 'server', atMs: 1_000 },
      { victim: 'worker', atMs: 5_000 },
    ],
    unaskedExits: [],
    inbox: [
      { eventId: 'evt_1', state: 'dispatched', claimed: false },
      { eventId: 'evt_2', state: 'dispatched', claimed: false },
    ],
    runs: [
      { workflowId: 'kait-crash-test/payment-succeeded/stripe/evt_1', eventId: 'evt_1' },
      { workflowId: 'kait-crash-test/payment-succeeded/stripe/evt_2', eventId: 'evt_2' },
    ],
    executions: [
      { workflowId: 'kait-crash-test/payment-succeeded/stripe/evt_1', status: 'COMPLETED' },
      { workflowId: 'kait-crash-test/payment-succeeded/stripe/evt_2', status: 'COMPLETED' },
    ],
    openActivities: [],
    orders: [
      { id: 'ord_1', reference: 'ORDER-1', amountMinor: 1_000_000 },
      { id: 'ord_2', reference: 'ORDER-2', amountMinor: 1_000_001 },
    ],
    cashback: [
      { orderId: 'ord_1', amountMinor: 50_000 },
      { orderId: 'ord_2', amountMinor: 50_000 },
    ],
    mails: [
      { recipient: 'a@example.com', state: 'sent', claimed: false },
      { recipient: 'b@example.com', state: 'sent', claimed: false },
    ],
    arrivedMails: [
      { messageId: '<1@kait>', recipient: 'a@example.com', atMs: 3_000 },
      { messageId: '<2@kait>', recipient: 'b@example.com', atMs: 4_990 },
      { messageId: '<2@kait>', recipient: 'b@example.com', atMs: 36_000 },
    ],
    deliveries: [
      { webhookId: 'msg_1', reference: 'ORDER-1', state: 'delivered', recordedSuccesses: 1 },
      { webhookId: 'msg_2', reference: 'ORDER-2', state: 'delivered', recordedSuccesses: 1 },
    ],
    arrivedWebhooks: [
      { webhookId: 'msg_1', reference: 'ORDER-1', verified: true, atMs: 3_000 },
      { webhookId: 'msg_2', reference: 'ORDER-2', verified: true, atMs: 4_990 },
      { webhookId: 'msg_2', reference: 'ORDER-2', verified: true, atMs: 46_000 },
    ],
  };
}

function violationsAfter(spoil: (facts: Facts) => void): string[] {
  const facts = goodFacts();
  spoil(facts);
  return checkFacts(facts);
}

const run1 = 'kait-crash-test/payment-succeeded/stripe/evt_1';

describe('the check after the crash test', () => {
  it('finds nothing if every promise was kept', () => {
    expect(checkFacts(goodFacts())).toEqual([]);
  });

  it.each<[name: string, spoil: (facts: Facts) => void, violations: string[]]>([
    [
      'an event that nobody acknowledged, although its work was done',
      ({ sent }) => (sent[0]!.acknowledged = false),
      ['evt_1: never acknowledged'],
    ],
    [
      'a refusal of a genuine event',
      ({ refusals }) => refusals.push('evt_1: answered with 401'),
      ['evt_1: answered with 401'],
    ],
    [
      'a process that ended by itself',
      ({ unaskedExits }) => unaskedExits.push({ victim: 'worker', how: 'code 1', output: 'last words' }),
      ['worker: ended by itself with code 1:\nlast words'],
    ],
    ['an acknowledged event that is not stored', ({ inbox }) => inbox.shift(), ['evt_1: no inbox row']],
    ['an event that is stored twice', ({ inbox }) => inbox.push(inbox[0]!), ['evt_1: inbox row 2 times']],
    [
      'an event that nobody has sent',
      ({ inbox }) => inbox.push({ eventId: 'evt_9', state: 'dispatched', claimed: false }),
      ['evt_9: inbox row of nothing that was sent'],
    ],
    ['an event that still waits', ({ inbox }) => (inbox[0]!.state = 'pending'), ['evt_1: left pending']],
    ['a claim on an event', ({ inbox }) => (inbox[0]!.claimed = true), ['evt_1: a claim is left']],
    ['a run that is not on record', ({ runs }) => runs.shift(), [`${run1}: no recorded run`]],
    [
      'a run under the wrong event',
      ({ runs }) => (runs[0]!.eventId = 'evt_2'),
      [`${run1}: recorded as the run of evt_2`],
    ],
    ['a lost run', ({ executions }) => executions.shift(), [`${run1}: no execution in Temporal`]],
    ['a second run', ({ executions }) => executions.push(executions[0]!), [`${run1}: execution in Temporal 2 times`]],
    [
      'a run that never ends',
      ({ executions }) => (executions[0]!.status = 'RUNNING'),
      [`${run1}: RUNNING in Temporal`],
    ],
    ['a run that failed', ({ executions }) => (executions[0]!.status = 'FAILED'), [`${run1}: FAILED in Temporal`]],
    [
      'a delivery that Temporal still holds',
      ({ openActivities }) => openActivities.push('delivery/dlv_1'),
      ['delivery/dlv_1: still open in Temporal'],
    ],
    [
      'a lost order, and its cashback hanging in the air',
      ({ orders }) => orders.shift(),
      ['ORDER-1: no order', 'ORDER-1: no cashback entry', 'ord_1: cashback entry of nothing that was sent'],
    ],
    [
      'a doubled order',
      ({ orders }) => orders.push({ id: 'ord_3', reference: 'ORDER-1', amountMinor: 1_000_000 }),
      ['ORDER-1: order 2 times'],
    ],
    ['an order of another amount', ({ orders }) => (orders[0]!.amountMinor = 1), ['ORDER-1: order of 1 minor units']],
    ['a lost cashback entry', ({ cashback }) => cashback.shift(), ['ORDER-1: no cashback entry']],
    ['a doubled cashback entry', ({ cashback }) => cashback.push(cashback[0]!), ['ORDER-1: cashback entry 2 times']],
    [
      'cashback of another amount',
      ({ cashback }) => (cashback[0]!.amountMinor = 49_999),
      ['ORDER-1: cashback of 49999 minor units'],
    ],
    ['a mail that was never recorded', ({ mails }) => mails.shift(), ['a@example.com: no mail on record']],
    ['a mail that is stuck', ({ mails }) => (mails[0]!.state = 'sending'), ['a@example.com: mail left sending']],
    ['a claim on a mail', ({ mails }) => (mails[0]!.claimed = true), ['a@example.com: a claim on the mail is left']],
    ['a lost mail', ({ arrivedMails }) => arrivedMails.shift(), ['a@example.com: no mail at the receiver']],
    [
      'a second mail under another Message-ID',
      ({ arrivedMails }) => (arrivedMails[2]!.messageId = '<3@kait>'),
      ['b@example.com: mail arrived under 2 ids: <2@kait>, <3@kait>'],
    ],
    [
      'a second mail without a kill in between',
      ({ arrivedMails }) => arrivedMails.push({ messageId: '<1@kait>', recipient: 'a@example.com', atMs: 3_100 }),
      ['a@example.com: mail arrived again although no kill preceded its record'],
    ],
    [
      'a second mail after a kill that was too late to excuse it',
      ({ kills }) => (kills[1]!.atMs = 8_000),
      [
        'b@example.com: mail arrived again although no kill preceded its record',
        'ORDER-2: webhook arrived again although no kill preceded its record',
      ],
    ],
    [
      'repeats that the kill of a process which sends nothing cannot excuse',
      ({ kills }) => (kills[1]!.victim = 'temporal'),
      [
        'b@example.com: mail arrived again although no kill preceded its record',
        'ORDER-2: webhook arrived again although no kill preceded its record',
      ],
    ],
    [
      'two mails under one Message-ID',
      ({ arrivedMails }) => (arrivedMails[0]!.messageId = '<2@kait>'),
      ['<2@kait>: the id of more than one mail'],
    ],
    ['a delivery that was never recorded', ({ deliveries }) => deliveries.shift(), ['ORDER-1: no delivery on record']],
    [
      'a delivery that is stuck',
      ({ deliveries }) => (deliveries[0]!.state = 'started'),
      ['ORDER-1: delivery left started'],
    ],
    [
      'a delivery that was repeated although its success was known',
      ({ deliveries }) => (deliveries[1]!.recordedSuccesses = 2),
      ['ORDER-2: 2 successful attempts on record'],
    ],
    ['a lost webhook', ({ arrivedWebhooks }) => arrivedWebhooks.shift(), ['ORDER-1: no webhook at the receiver']],
    [
      'a webhook with a wrong signature',
      ({ arrivedWebhooks }) => (arrivedWebhooks[0]!.verified = false),
      ['ORDER-1: signature is wrong'],
    ],
    [
      'a second webhook under another id',
      ({ arrivedWebhooks }) => (arrivedWebhooks[2]!.webhookId = 'msg_3'),
      ['ORDER-2: webhook arrived under 2 ids: msg_2, msg_3'],
    ],
  ])('finds %s', (_name, spoil, violations) => {
    expect(violationsAfter(spoil)).toEqual(violations);
  });

  it('demands the work of an event that was stored although its answer was lost', () => {
    const violations = violationsAfter(({ sent, executions }) => {
      sent[0]!.acknowledged = false;
      executions.shift();
    });
    expect(violations).toEqual(['evt_1: never acknowledged', `${run1}: no execution in Temporal`]);
  });

  it('counts repeats by id', () => {
    expect(countRepeats(['a', 'b', 'a', 'c', 'a'])).toBe(2);
  });
});
