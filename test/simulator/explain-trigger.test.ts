import { expect, it } from 'vitest';
import type { Trigger } from '../../language/definition.ts';
import { explainTrigger } from '../../simulator/explain-trigger.ts';
import { sampleEvent } from '../server/sample-event.ts';

const amount = { var: 'event.payment.amount' };

it.each<[string, Trigger | 'run', boolean, string]>([
  ['of its type', { event: 'payment.succeeded' }, true, 'the type is payment.succeeded'],
  ['of its native type', { event: ['a', 'payment_intent.succeeded'] }, true, 'the type is payment.succeeded'],
  ['of no other type', { event: ['a', 'b'] }, false, 'the type payment.succeeded is not a or b'],
  ['of its source', { event: 'payment.succeeded', source: ['stripe'] }, true, 'the type is payment.succeeded'],
  ['of no other source', { event: 'payment.succeeded', source: 'xendit' }, false, 'the source stripe is not xendit'],
  [
    'where its condition holds',
    { event: 'payment.succeeded', if: { '>': [amount, 0] } },
    true,
    'if is true: event.payment.amount (2500000) > 0',
  ],
  [
    'not where it does not',
    { event: 'payment.succeeded', if: { '<': [amount, 0] } },
    false,
    'if is false: event.payment.amount (2500000) < 0',
  ],
  [
    'not where it fails',
    { event: 'payment.succeeded', if: { '>': [{ var: 'event.nothing' }, 0] } },
    false,
    'its condition fails: event.nothing is missing: event has no "nothing". It has: id, source, gateway, type, nativeType, occurredAt, receivedAt, entity, tenant, live, payment, refund, ….',
  ],
  ['not where only other definitions start it', 'run', false, 'only a run step of another definition starts it'],
])('a trigger matches %s', (_what, on, triggered, because) => {
  expect(explainTrigger({ name: 'a', on }, sampleEvent())).toMatchObject({ triggered, because });
});
