import { expect, it } from 'vitest';
import { againIdOf, workflowIdOf } from '../../server/start-run.ts';

const idOf = (id: string) => workflowIdOf('kait-1', 'pay-out', { source: 'stripe', id });

it.each([
  ['evt_1', 'kait-1/pay-out/stripe/evt_1'],
  ['pi_1:succeeded', 'kait-1/pay-out/stripe/pi_1:succeeded'],
  ['evt_1/send', 'kait-1/pay-out/stripe/evt_1%2Fsend'],
  ['evt_1%2Fsend', 'kait-1/pay-out/stripe/evt_1%252Fsend'],
  ['evt_1/kait:again-1', 'kait-1/pay-out/stripe/evt_1%2Fkait:again-1'],
])('names the run of an event %s so that no child and no other event has the same id', (id, expected) => {
  expect(idOf(id)).toBe(expected);
});

it('names a run that is run again by its number, under the id of the first', () => {
  expect(againIdOf(idOf('evt_1'), 2)).toBe('kait-1/pay-out/stripe/evt_1/kait:again-2');
});
