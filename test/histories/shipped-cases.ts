import { readFileSync } from 'node:fs';
import { parse } from 'jsonc-parser';
import type { Definition } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { completeEvent, laterEvent } from '../../simulator/complete-event.ts';
import { sampleEvent } from '../server/sample-event.ts';
import type { HistoryCase } from './cases.ts';

/** One for each definition that comes with Kait, as its file was when the case was recorded. */
export const shippedCases: HistoryCase[] = [
  {
    name: 'shipped-payment-succeeded',
    definition: shipped('workflows/payment-succeeded'),
    options: { local: ['orders.create', 'cashback.grant', 'outbound.emit'], answers: orderAndCashback() },
  },
  {
    name: 'shipped-refund-window',
    definition: shipped('examples/refund-window'),
    options: { local: ['orders.create', 'cashback.grant', 'outbound.emit'], answers: orderAndCashback() },
    meanwhile: async (run) => {
      await run.handle.signal('event', refundOf('evt_part', { amount: 100, full: false }));
      await run.handle.signal('event', refundOf('evt_rest', { amount: 2_499_900, full: true }));
    },
  },
  {
    name: 'shipped-expiry-reminder',
    definition: shipped('examples/expiry-reminder'),
    options: { event: { type: 'payment.pending' } },
  },
  {
    name: 'shipped-dispute-approval',
    definition: shipped('examples/dispute-approval'),
    options: {
      event: completeEvent({ type: 'payment.disputed' }, { on: 'run' }).event,
      answers: { evidence: [{ error: { type: 'ResponseRefused', message: 'too late' } }] },
    },
    meanwhile: (run) =>
      run.handle.executeUpdate('decide', { args: [{ step: 'accept', approved: false, by: 'ana', reason: 'fraud' }] }),
  },
  {
    name: 'shipped-subscription-dunning',
    definition: shipped('examples/subscription-dunning'),
    options: {
      event: completeEvent({ type: 'subscription.past_due' }, { on: 'run' }).event,
      children: { 'subscription-end': shipped('examples/subscription-end') },
      answers: { 'give-up/3/cancel': [{ value: { status: 204, body: '' } }] },
    },
  },
  {
    name: 'shipped-subscription-end',
    definition: shipped('examples/subscription-end'),
    options: {
      event: completeEvent({ type: 'subscription.past_due' }, { on: 'run' }).event,
      answers: { cancel: [{ value: { status: 204, body: '' } }] },
    },
  },
  {
    name: 'shipped-payout-reconciliation',
    definition: shipped('examples/payout-reconciliation'),
    options: {
      event: completeEvent({ type: 'payout.succeeded', payout: { amount: 300 } }, { on: 'run' }).event,
      answers: {
        report: [{ value: { status: 200, body: { lines: [100, 200].map((amount) => ({ payment: `p${amount}`, amount })) } } }],
        entry: [{ value: { status: 201, body: '' } }],
      },
    },
  },
  {
    name: 'shipped-fan-out',
    definition: shipped('examples/fan-out'),
    options: { answers: { north: [{ error: { type: 'ResponseRefused', message: 'full' } }] } },
  },
  {
    name: 'shipped-forward-to-legacy',
    definition: shipped('examples/forward-to-legacy'),
    options: {
      local: ['webhooks.forward', 'outbound.emit'],
      answers: {
        relay: [{ error: { type: 'RequestNotKept', message: 'no header' } }],
        facts: [{ value: { messageId: 'msg_1', deliveries: 1 } }],
      },
    },
  },
  {
    name: 'shipped-order-saga',
    definition: shipped('examples/order-saga'),
    options: {
      local: ['orders.create', 'orders.cancel', 'outbound.emit'],
      settings: { northUrl: 'https://north.example.com' },
      answers: {
        ...orderAndCashback(),
        reserve: [{ value: { status: 201, body: '' } }],
        fast: [{ value: { status: 200, body: { price: 900 } } }],
        green: [{ error: { type: 'ResponseRefused', message: 'no', effect: 'none' } }],
        cheap: [{ error: { type: 'ResponseRefused', message: 'no', effect: 'none' }, afterMs: 200 }],
      },
    },
  },
  {
    name: 'shipped-travel-saga',
    definition: shipped('examples/travel-saga'),
    options: {
      local: ['outbound.emit'],
      answers: {
        flight: [{ value: { status: 201, body: '', headers: { location: 'https://flights.example.com/tickets/7' } } }],
        room: [{ value: { status: 200, body: '', headers: {} } }],
        'small-car': [{ error: { type: 'ResponseRefused', message: 'none left', effect: 'none' } }],
      },
    },
  },
  {
    name: 'shipped-checkout-callback',
    definition: shipped('examples/checkout-callback'),
    options: {
      local: ['outbound.emit'],
      event: { type: 'payment.pending' },
      answers: { session: [{ value: { status: 201, body: '', headers: { location: 'https://checkout.example.com/c/7' } } }] },
    },
  },
  {
    name: 'shipped-money-transfer',
    definition: shipped('examples/money-transfer'),
    options: {
      local: ['outbound.emit'],
      settings: { approveFrom: 10_000_000, ledgerUrl: 'https://ledger.example.com' },
      event: { data: { data: { amount: 20_000_000, from: 'ana', to: 'budi' } } },
      answers: { credit: [{ error: { type: 'TimedOut', message: 'no answer', effect: 'unknown' } }] },
    },
    meanwhile: (run) =>
      run.handle.executeUpdate('decide', { args: [{ step: 'release', approved: true, by: 'citra' }] }),
  },
  {
    name: 'shipped-purchase-deadline',
    definition: shipped('examples/purchase-deadline'),
    options: {
      local: ['outbound.emit'],
      settings: { northUrl: 'https://north.example.com' },
      event: { type: 'payment.pending' },
      answers: { hold: [{ value: { status: 201, body: '', headers: {} } }] },
    },
  },
];

function shipped(path: string): Definition {
  const text = readFileSync(new URL(`../../definitions/${path}.json`, import.meta.url), 'utf8');
  return parse(text) as Definition; // Checked where it is loaded, and by the tests of the schema.
}

/** Of the payment that started the run. */
function refundOf(id: string, refund: { amount: number; full: boolean }): CanonicalEvent {
  return laterEvent({ id, type: 'payment.refunded', refund }, sampleEvent(), 0, 0);
}

function orderAndCashback(): NonNullable<HistoryCase['options']>['answers'] & object {
  return {
    order: [{ value: { id: 'ord_1', reference: 'ORDER-1', created: true } }],
    cashback: [{ value: { id: 'cb_1', amount: 125_000 } }],
  };
}
