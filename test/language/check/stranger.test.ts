import { describe, expect, it } from 'vitest';
import { check, codesOf } from '../check-steps.ts';

const order = { id: 'order', call: 'orders.create', with: { reference: 'R1', amount: 5, currency: 'IDR' } };
const told = { id: 'told', emit: 'order.created' };
const mail = (to: unknown) => ({ id: 'mail', call: 'mail.send', with: { to, template: 'receipt' } });
const toCustomer = mail('{{event.payment.customer.email}}');
const withName = { id: 'name', emit: 'a.b', with: { text: 'Dear {{event.payment.customer.name}}' } };

function codes(steps: unknown[], rest: object = {}): string[] {
  return codesOf(check(JSON.stringify({ name: 'a', on: { event: 'payment.succeeded' }, steps, ...rest })));
}

describe('a step that may fail a paid run on a stranger’s words', () => {
  it.each<[string, string, unknown[], object]>([
    ['after a payment', '/steps/0/with/to', [toCustomer, order], {}],
    ['after a refund', '/steps/0/with/to', [toCustomer, told], { on: { event: ['x:y', 'payment.refunded'] } }],
    ['after a booking', '/steps/1/with/to', [order, toCustomer], { on: { event: 'payment.pending' } }],
    [
      'after a booking in a branch',
      '/steps/1/with/to',
      [{ id: 'if', if: { var: 'event.entity' }, then: [order] }, toCustomer],
      { on: { event: 'payment.pending' } },
    ],
    ['with a subscriber’s address', '/steps/1/with/to', [order, mail('{{event.subscription.customer.email}}')], {}],
    ['with an address of the body', '/steps/1/with/to', [order, mail('{{event.data.to}}')], {}],
    [
      'in a join that waits for all',
      '/steps/1/parallel/0/with/to',
      [order, { id: 'p', join: 'all', parallel: [toCustomer, told] }],
      {},
    ],
    [
      'in a try that handles other failures',
      '/steps/1/try/0/with/to',
      [order, { id: 't', try: [toCustomer], catch: [{ errors: ['MailRefused'], do: [told] }] }],
      {},
    ],
    [
      'in a handler',
      '/steps/1/catch/0/do/0/with/to',
      [order, { id: 't', try: [told], catch: [{ do: [toCustomer] }] }],
      {},
    ],
    ['with a name in a text', '/steps/1/with/text', [order, withName], {}],
    ['with a name in the output', '/output/text', [order], { output: { text: 'For {{event.payment.customer.name}}' } }],
    [
      'with a name that only another branch has',
      '/steps/1/else/0/with/text',
      [order, { id: 'if', if: { var: 'event.payment.customer.name' }, then: [told], else: [withName] }],
      {},
    ],
    [
      'with a variable of the run',
      '/steps/2/with/x/trim',
      [
        order,
        { id: 's', set: { name: '{{event.payment.customer.name}}' } },
        { id: 'e', emit: 'a.b', with: { x: { trim: { var: 'vars.name' } } } },
      ],
      {},
    ],
    [
      'with a number that a person typed',
      '/steps/1/with/x/number',
      [order, { ...told, if: { var: 'event.data.note' }, with: { x: { number: { var: 'event.data.note' } } } }],
      {},
    ],
  ])('is reported %s', (_where, place, steps, rest) => {
    expect(codes(steps, rest)).toEqual([`KAIT1408 ${place}`]);
  });

  it.each<[string, unknown[], object]>([
    ['the payment failed, and nothing was booked', [told, toCustomer], { on: { event: 'payment.failed' } }],
    ['nothing else has an effect', [toCustomer], {}],
    ['the run parks', [order, toCustomer], { onFail: 'park' }],
    ['the join settles', [order, { id: 'p', join: 'settle', parallel: [toCustomer, told] }], {}],
    ['another branch may win', [order, { id: 'p', join: 'first', parallel: [toCustomer, told] }], {}],
    ['a handler takes every failure', [order, { id: 't', try: [toCustomer], catch: [{ do: [told] }] }], {}],
    [
      'a handler takes these failures',
      [order, { id: 't', try: [toCustomer], catch: [{ errors: ['InputInvalid', 'MailRefused'], do: [told] }] }],
      {},
    ],
    [
      'the loop goes on',
      [
        order,
        { id: 'l', forEach: { in: '{{event.data.guests}}', onItemError: 'continue' }, do: [mail('{{item.email}}')] },
      ],
      {},
    ],
    ['the address is the author’s', [order, mail('shop@shop.example')], {}],
    ['the address is the merchant’s', [order, mail('{{steps.order.reference}}')], {}],
    ['a guard proves the name', [order, { ...withName, if: { '!!': { var: 'event.payment.customer.name' } } }], {}],
    [
      'the trigger proves the name',
      [order, withName],
      { on: { event: 'payment.succeeded', if: { '!!': { var: 'event.payment.customer.name' } } } },
    ],
    [
      'a stop leaves only runs with a name',
      [order, { id: 's', if: { '!': { var: 'event.payment.customer.name' } }, stop: 'nameless' }, withName],
      {},
    ],
    [
      'the name has a default',
      [
        order,
        { ...told, with: { x: { cat: ['Dear ', { coalesce: [{ var: 'event.payment.customer.name' }, 'you'] }] } } },
      ],
      {},
    ],
    [
      'a condition decides whether the name is read',
      [
        order,
        {
          ...told,
          with: {
            x: { if: [{ var: 'event.payment.customer.name' }, { upper: { var: 'event.payment.customer.name' } }, ''] },
            y: { and: [{ var: 'event.payment.customer.id' }, { trim: { var: 'event.payment.customer.id' } }] },
            z: { or: [{ '!': { var: 'event.payment.customer.id' } }, { trim: { var: 'event.payment.customer.id' } }] },
          },
        },
      ],
      {},
    ],
    ['the name is data', [order, { ...told, with: { name: '{{event.payment.customer.name}}' } }], {}],
    ['the number is the gateway’s', [order, { ...told, with: { x: { number: { var: 'event.data.total' } } } }], {}],
    ['it takes something back', [{ ...order, undo: toCustomerUndo() }, told], {}],
  ])('is not reported if %s', (_why, steps, rest) => {
    expect(codes(steps, rest)).toEqual([]);
  });

  function toCustomerUndo() {
    return { call: toCustomer.call, with: toCustomer.with };
  }
});
