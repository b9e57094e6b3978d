import { describe, expect, it } from 'vitest';
import { checkFacts, countRepeats } from './check.ts';
import type { ArrivedEffect, Facts, SentCommand, SentEvent } from './facts.ts';

const tooLong =
  "archive-report: The run's input takes 26401000 bytes as JSON, and at most 25165824 fit. Let it read less";
const run4 = 'kait-crash-test/hold-stock/shop/evt_4';
const run5 = 'kait-crash-test/order-parcels/shop/evt_5';
const run6 = 'kait-crash-test/await-payments/shop/evt_6';
const run11 = 'kait-crash-test/ask-people/shop/evt_11';
const run12 = 'kait-crash-test/mend-stock/shop/evt_12';
const run13 = 'kait-crash-test/rescue-order/shop/evt_13';
const run14 = 'kait-crash-test/move-stock/shop/evt_14';
const run15 = 'kait-crash-test/move-stock/shop/evt_15';
const counting = 'kait-crash-test/count-stock/shop';

/**
 * Events that went as promised. Of two orders, the first went at once, the second with repeats that a kill of the worker excuses. There is
 * a poison event, a step whose answer never came, and a run with two children, one of which was canceled. A run waited for a payment that had
 * come before it, and three counted a shelf, of which the first was terminated. Two people answered a question. An operator paused a run, had it try its parked
 * step again, and resumed it, and retried a run that had failed and been undone. A run took the changed definition, and another one began with it.
 */
function goodFacts(): Facts {
  return {
    sent: [
      sentEvent('order', 1, 'a@example.com'),
      sentEvent('order', 2, 'b@example.com'),
      sentEvent('poison', 3),
      sentEvent('late', 4),
      sentEvent('parcels', 5),
      { ...sentEvent('awaits', 6), reference: 'ORDER-6' },
      { ...sentEvent('pays', 7), reference: 'ORDER-6' },
      sentEvent('counts', 8),
      sentEvent('stuck', 9),
      sentEvent('counts', 10),
      sentEvent('asks', 11),
      sentEvent('mends', 12),
      sentEvent('rescued', 13),
      sentEvent('moves', 14),
      sentEvent('moves', 15),
    ],
    refusals: [],
    kills: [
      { victim: 'server', atMs: 1_000 },
      { victim: 'worker', atMs: 5_000 },
    ],
    unaskedExits: [],
    inbox: [
      { eventId: 'evt_1', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_2', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_3', state: 'failed', claimed: false, reason: tooLong },
      { eventId: 'evt_4', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_5', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_7', state: 'ignored', claimed: false, reason: 'no run waits for it' },
      { eventId: 'evt_6', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_9', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_8', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_10', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_11', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_12', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_13', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_14', state: 'dispatched', claimed: false, reason: null },
      { eventId: 'evt_15', state: 'dispatched', claimed: false, reason: null },
    ],
    runs: [
      run('kait-crash-test/payment-succeeded/stripe/evt_1'),
      run('kait-crash-test/payment-succeeded/stripe/evt_2'),
      ...[run4, run5, run6, run11, run12, run13].map(run),
      { ...run(run13), workflowId: `${run13}/kait:retry-1` },
      ...[`${counting}/evt_8`, `${counting}/evt_9`, `${counting}/evt_10`].map(run),
      ...[run14, run15].map(run),
    ],
    executions: [
      { workflowId: 'kait-crash-test/payment-succeeded/stripe/evt_1', status: 'COMPLETED' },
      { workflowId: 'kait-crash-test/payment-succeeded/stripe/evt_2', status: 'COMPLETED' },
      { workflowId: run4, status: 'FAILED' },
      { workflowId: run5, status: 'CONTINUED_AS_NEW' },
      { workflowId: run5, status: 'COMPLETED' },
      { workflowId: `${run5}/lost`, status: 'CANCELLED' },
      { workflowId: `${run5}/kept`, status: 'COMPLETED' },
      { workflowId: run6, status: 'COMPLETED' },
      { workflowId: `${counting}/evt_8`, status: 'COMPLETED' },
      { workflowId: `${counting}/evt_9`, status: 'TERMINATED' },
      { workflowId: `${counting}/evt_10`, status: 'COMPLETED' },
      { workflowId: run11, status: 'COMPLETED' },
      { workflowId: run12, status: 'COMPLETED' },
      { workflowId: run14, status: 'CONTINUED_AS_NEW' },
      { workflowId: run14, status: 'COMPLETED' },
      { workflowId: run15, status: 'COMPLETED' },
      { workflowId: run13, status: 'FAILED' },
      { workflowId: `${run13}/kait:retry-1`, status: 'COMPLETED' },
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
    approvals: [
      { workflowId: run11, person: 'ana' },
      { workflowId: run11, person: 'budi' },
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
    commands: [
      sentCommand(run12, 'pause', 20_000),
      sentCommand(run12, 'retry', 21_000),
      sentCommand(run12, 'resume', 22_000),
      sentCommand(`${run13}/kait:retry-1`, 'retry-run', 23_000),
      sentCommand(run14, 'migrate', 24_000),
    ],
    audit: [
      { target: run12, action: 'pause', reason: 'mend ORDER-12' },
      { target: run12, action: 'retry', reason: 'mend ORDER-12' },
      { target: run12, action: 'resume', reason: 'mend ORDER-12' },
      { target: `${run13}/kait:retry-1`, action: 'retry-run', reason: 'mended' },
      { target: run14, action: 'migrate', reason: 'moved' },
    ],
    arrivedEffects: [
      hold('ORDER-4', 'req_4', 6_000),
      hold('ORDER-4', 'req_4', 8_500),
      note('ORDER-4', 'finally'),
      release('ORDER-4', 'req_4', true),
      hold('ORDER-5', 'req_lost', 6_000, 'lost'),
      hold('ORDER-5', 'req_kept', 6_000, 'kept'),
      ...Array.from({ length: 20 }, (_, index) => note('ORDER-5', `label ${index}`)),
      note('ORDER-5', 'caught ChildCanceled'),
      note('ORDER-5', 'kept shipped'),
      release('ORDER-5', 'req_lost', false),
      note('ORDER-6', 'paid evt_7'),
      note('ORDER-11', 'approved by ana'),
      note('ORDER-11', 'approved by budi'),
      ...['ORDER-14', 'ORDER-15'].flatMap((reference) => [
        note(reference, 'is to be moved'),
        note(reference, 'went on with the new definition'),
      ]),
      count('ORDER-9', 'begins'),
      count('ORDER-8', 'begins'),
      count('ORDER-8', 'ends'),
      count('ORDER-8', 'ends'),
      count('ORDER-10', 'begins'),
      count('ORDER-10', 'ends'),
      mend('ORDER-12', false, 19_000),
      mend('ORDER-12', true, 22_500),
      { ...note('ORDER-12', 'went on with as defined'), atMs: 22_600 },
      book('ORDER-13', 'req_book'),
      note('ORDER-13', 'booked'),
      mend('ORDER-13', false, 19_000),
      { kind: 'unbook', reference: 'ORDER-13', requestKey: 'req_book undo', key: 'req_book', atMs: 19_500 },
      book('ORDER-13', 'req_book~2'),
      mend('ORDER-13', true, 23_500),
      note('ORDER-13', 'went on with as defined'),
    ],
  };
}

function run(workflowId: string): Facts['runs'][number] {
  return { workflowId, eventId: workflowId.slice(workflowId.lastIndexOf('/') + 1), definitionHash: 'hash' };
}

function sentEvent(kind: SentEvent['kind'], number: number, recipient = 'nobody@example.com'): SentEvent {
  const amountMinor = 999_999 + number;
  return {
    id: `evt_${number}`,
    kind,
    reference: `ORDER-${number}`,
    recipient,
    shelf: 'a',
    amountMinor,
    acknowledged: true,
  };
}

function hold(reference: string, requestKey: string, atMs: number, parcel?: string): ArrivedEffect {
  return { kind: 'hold', reference, requestKey, atMs, plan: 'late', parcel };
}

function note(reference: string, what: string): ArrivedEffect {
  return { kind: 'note', reference, requestKey: `${reference} ${what}`, what, atMs: 9_000 };
}

function count(reference: string, what: 'begins' | 'ends'): ArrivedEffect {
  return { kind: 'count', reference, shelf: 'a', what, requestKey: `${reference} ${what}`, atMs: 11_000 };
}

function mend(reference: string, ok: boolean, atMs: number): ArrivedEffect {
  return { kind: 'mend', reference, how: 'as defined', ok, requestKey: `${reference} mend ${ok}`, atMs };
}

function book(reference: string, requestKey: string): ArrivedEffect {
  return { kind: 'book', reference, requestKey, atMs: 18_000 };
}

function sentCommand(workflowId: string, verb: SentCommand['verb'], firstSentMs: number): SentCommand {
  return { workflowId, verb, accepted: 1, isDone: true, firstSentMs, acceptedMs: firstSentMs + 100 };
}

function release(reference: string, key: string, inDoubt: boolean): ArrivedEffect {
  return { kind: 'release', reference, requestKey: `${key} undo`, key, inDoubt, atMs: 10_000 };
}

function withStatus(position: number, status: string): (facts: Facts) => void {
  return ({ executions }) => void (executions[position]!.status = status);
}

/** Without the request of a kind that has this position among them. */
function without(kind: ArrivedEffect['kind'], position: number): (facts: Facts) => void {
  return ({ arrivedEffects }) => {
    const [found] = arrivedEffects.filter((each) => each.kind === kind).slice(position);
    arrivedEffects.splice(arrivedEffects.indexOf(found!), 1);
  };
}

function violationsAfter(spoil: (facts: Facts) => void): string[] {
  const facts = goodFacts();
  spoil(facts);
  return checkFacts(facts);
}

const run1 = 'kait-crash-test/payment-succeeded/stripe/evt_1';
const poisonRun = 'kait-crash-test/archive-report/reports/evt_3';

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
      ({ inbox }) => inbox.push({ eventId: 'evt_99', state: 'dispatched', claimed: false, reason: null }),
      ['evt_99: inbox row of nothing that was sent'],
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
    [
      'an accepted command that is not in the audit',
      ({ audit }) => audit.shift(),
      [`${run12} pause: no audit entry`, `${run12} pause: accepted, and not in the audit`],
    ],
    [
      'a command whose answer was lost, and that is not in the audit, although its run went on',
      ({ audit, commands }) => {
        Object.assign(commands[1]!, { accepted: 0, acceptedMs: null });
        audit.splice(1, 1);
      },
      [`${run12} retry: no audit entry`],
    ],
    [
      'a command that is in the audit twice',
      ({ audit }) => audit.push(audit[1]!),
      [`${run12} retry: audit entry 2 times`],
    ],
    [
      'a command in the audit that nobody gave',
      ({ audit }) => audit.push({ target: run4, action: 'skip', reason: 'none' }),
      [`${run4} skip: audit entry of nothing that was sent`],
    ],
    [
      'another command in the audit than was given',
      ({ audit }) => (audit[1]!.action = 'skip'),
      [
        `${run12} retry: no audit entry`,
        `${run12} skip: audit entry of nothing that was sent`,
        `${run12} retry: accepted, and not in the audit`,
      ],
    ],
    [
      'a migration that is not in the audit',
      ({ audit }) => audit.pop(),
      [`${run14} migrate: no audit entry`, `${run14} migrate: accepted, and not in the audit`],
    ],
    [
      'a run that took the definition twice',
      ({ commands }) => (commands[4]!.accepted = 2),
      [`${run14} migrate: accepted 2 times`],
    ],
    [
      'a run that ended on the old definition',
      ({ runs }) => (runs.find(({ workflowId }) => workflowId === run15)!.definitionHash = 'old'),
      ['move-stock: its runs ended on 2 definitions'],
    ],
    ['a command without its reason', ({ audit }) => (audit[0]!.reason = ''), [`${run12} pause: nobody knows why`]],
    [
      'a retry of a run that counted twice',
      ({ commands }) => (commands[3]!.accepted = 2),
      [`${run13}/kait:retry-1 retry-run: accepted 2 times`],
    ],
    ['a command without an effect', without('mend', 1), ['ORDER-12 as defined: no mending']],
    [
      'a step that was skipped, and done all the same',
      ({ sent }) => (sent[11]!.reference = 'ORDER-1'),
      [
        'ORDER-1 went on with nothing: no note',
        'ORDER-12 went on with as defined: note of nothing that was sent',
        `${run12} skip: no audit entry`,
        `${run12} retry: audit entry of nothing that was sent`,
        'ORDER-12 as defined: mending of nothing that was sent',
      ],
    ],
    [
      'a step that was done twice',
      ({ arrivedEffects }) => arrivedEffects.push({ ...mend('ORDER-12', true, 30_000), requestKey: 'another' }),
      ['ORDER-12 as defined: mending 2 times'],
    ],
    [
      'a paused run that went on',
      ({ arrivedEffects }) => (arrivedEffects.find(({ atMs }) => atMs === 22_500)!.atMs = 21_500),
      ['ORDER-12: mend while the run was paused'],
    ],
    [
      'a retry whose order is the canceled one',
      ({ arrivedEffects }) =>
        arrivedEffects.splice(
          arrivedEffects.findIndex(({ requestKey }) => requestKey === 'req_book~2'),
          1,
        ),
      ['ORDER-13: booked 1 times (undone), and should be booked, undone and booked'],
    ],
    [
      'a failed run that was not undone',
      without('unbook', 0),
      ['ORDER-13: booked 2 times (stands, stands), and should be booked, undone and booked'],
    ],
    [
      'a retry that was lost',
      ({ executions, runs }) => {
        executions.pop();
        runs.splice(8, 1);
      },
      [`${run13}/kait:retry-1: no recorded run`, `${run13}/kait:retry-1: no execution in Temporal`],
    ],
    ['an answer that was lost', ({ approvals }) => approvals.pop(), [`${run11} budi: no approval`]],
    [
      'an answer that counted twice',
      ({ approvals }) => approvals.push(approvals[0]!),
      [`${run11} ana: approval 2 times`],
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
    ['a poison event that still waits', ({ inbox }) => (inbox[2]!.state = 'pending'), ['evt_3: left pending']],
    [
      'a poison event that failed for another reason',
      ({ inbox }) => (inbox[2]!.reason = 'Temporal is away'),
      ['evt_3: failed because of Temporal is away'],
    ],
    [
      'a poison event that was started',
      ({ runs }) => runs.push({ ...run(poisonRun), eventId: 'evt_3' }),
      [`${poisonRun}: recorded run of nothing that was sent`],
    ],
    [
      'an event that failed',
      ({ inbox }) => (inbox[0]!.state = 'failed'),
      ['evt_1: left failed', 'evt_1: failed because of null'],
    ],
    [
      'a run that ended well although its step is in doubt',
      withStatus(2, 'COMPLETED'),
      [`${run4}: COMPLETED in Temporal`],
    ],
    ['a child that was canceled with its parent', withStatus(4, 'CANCELLED'), [`${run5}: CANCELLED in Temporal`]],
    ['a child that waits forever', withStatus(6, 'RUNNING'), [`${run5}/kept: RUNNING in Temporal`]],
    [
      'a child that ran twice',
      ({ executions }) => executions.push(executions[6]!),
      [`${run5}/kept: execution in Temporal 2 times`],
    ],
    ['an effect that was not undone', without('release', 0), ['req_4: no undo']],
    [
      'an effect that was undone under two keys',
      ({ arrivedEffects }) => arrivedEffects.push({ ...release('ORDER-4', 'req_4', true), requestKey: 'another' }),
      ['req_4: undo 2 times'],
    ],
    [
      'an undo of a child that ended well',
      ({ arrivedEffects }) => arrivedEffects.push(release('ORDER-5', 'req_kept', false)),
      ['req_kept: undo of nothing that was sent'],
    ],
    [
      'an undo of an effect that never was, although it counts as done',
      ({ arrivedEffects }) => arrivedEffects.push(release('ORDER-4', 'req_9', false)),
      ['req_9: undo of nothing that was sent', 'ORDER-4: undone as if its answer had come'],
    ],
    [
      'an effect after its undo',
      ({ arrivedEffects }) => arrivedEffects.push(hold('ORDER-4', 'req_4', 10_001)),
      ['ORDER-4: held after its undo'],
    ],
    [
      'a step that had two keys',
      ({ arrivedEffects }) => arrivedEffects.push(hold('ORDER-4', 'req_8', 6_000), release('ORDER-4', 'req_8', true)),
      ['ORDER-4: hold 2 times'],
    ],
    ['a finally that was left out', without('note', 0), ['ORDER-4 finally: no note']],
    ['a catch that did not see the canceled child', without('note', 21), ['ORDER-5 caught ChildCanceled: no note']],
    ['a payment that its run missed', without('note', 23), ['ORDER-6 paid evt_7: no note']],
    [
      'a payment that its run took twice',
      ({ arrivedEffects }) => arrivedEffects.push({ ...note('ORDER-6', 'paid evt_7'), requestKey: 'another' }),
      ['ORDER-6 paid evt_7: note 2 times'],
    ],
    ['a payment that is still to be dispatched', ({ inbox }) => (inbox[5]!.state = 'pending'), ['evt_7: left pending']],
    [
      'a count that never began',
      ({ arrivedEffects }) => arrivedEffects.splice(-12, 2),
      [
        'ORDER-10 begins: no count',
        'ORDER-10 ends: no count',
        'a: counted in the order ORDER-9, ORDER-8, and asked for in the order ORDER-9, ORDER-8, ORDER-10',
      ],
    ],
    [
      'a count amid another',
      ({ arrivedEffects }) => arrivedEffects.push(count('ORDER-8', 'ends')),
      [
        'a: counted in the order ORDER-9, ORDER-8, ORDER-10, ORDER-8, and asked for in the order ORDER-9, ORDER-8, ORDER-10',
      ],
    ],
    [
      'counts in another order than they were asked for',
      ({ inbox }) => inbox.push(inbox.splice(7, 1)[0]!),
      ['a: counted in the order ORDER-9, ORDER-8, ORDER-10, and asked for in the order ORDER-8, ORDER-10, ORDER-9'],
    ],
    [
      'a count that was not terminated',
      ({ executions }) => (executions[9]!.status = 'RUNNING'),
      [`${counting}/evt_9: RUNNING in Temporal`],
    ],
    ['an iteration that was left out', without('note', 20), ['ORDER-5 label 19: no note']],
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

  it('accepts the undo of a step in doubt whose request never arrived', () => {
    const violations = violationsAfter(({ arrivedEffects }) => arrivedEffects.push(release('ORDER-4', 'req_9', true)));
    expect(violations).toEqual([]);
  });

  it('counts repeats by id', () => {
    expect(countRepeats(['a', 'b', 'a', 'c', 'a'])).toBe(2);
  });
});
