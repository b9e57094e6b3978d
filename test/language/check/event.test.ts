import { expect, it } from 'vitest';
import { check, codesOf } from '../check-steps.ts';

const triggeredBy = (event: unknown) =>
  codesOf(check(JSON.stringify({ name: 'a', on: { event }, steps: [{ id: 'b', wait: '1s' }] })));

it('takes no type of payouts or subscriptions for a misspelt one of payments', () => {
  expect(triggeredBy(['payout.succeeded', 'payout.failed', 'subscription.past_due'])).toEqual([]);
  expect(triggeredBy('payments.succeeded')).toEqual(['KAIT1113 /on/event']);
});

it.each([
  'event.payment.requestedAmount',
  'event.refund.full',
  'event.dispute.evidenceDueAt',
  'event.payout.status',
  'event.subscription.customer.email',
  'event.live',
])('knows %s', (path) => {
  expect(codesOf(check(JSON.stringify(definitionReading(path))))).toEqual([]);
});

it.each(['event.refund.total', 'event.dispute.amout', 'event.payout.customer', 'event.subscription.customer.emial'])(
  'does not know %s',
  (path) => {
    expect(codesOf(check(JSON.stringify(definitionReading(path))))).toEqual(['KAIT1207 /output/value']);
  },
);

function definitionReading(path: string) {
  const output = { value: `{{${path}}}` };
  return { name: 'a', on: { event: 'payment.succeeded' }, steps: [{ id: 'b', wait: '1s' }], output };
}
