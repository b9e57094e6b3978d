import fc from 'fast-check';
import type { Step } from '../../../../language/definition.ts';
import type { Mishap } from './turns.ts';

/** What happens, without the order in which it happens. */
export interface Scenario {
  runs: { plan: Plan; about: Subject; continuesAfter: number }[];
  events: { about: Subject; type: EventType; copies: number }[];
  mishaps: Mishap[];
  /** How often all claims run out, as after a pause of everything. */
  leases: number;
  /** Whether the server has announced what the definitions match before the first event. */
  announced: boolean;
}

export type Plan = keyof typeof plans;
export type Subject = 'pi_a' | 'pi_b';
export type EventType = 'payment.succeeded' | 'payment.expired';

const wait: Step = {
  id: 'settled',
  waitFor: ['payment.succeeded', 'payment.expired', 'payment.succeeded'],
  match: { 'event.payment.id': '{{event.payment.id}}' },
  timeout: '1h',
};
const turn = { literal: [1, 2, 3] };

/** Definitions, and how many events a run of each takes. */
export const plans = {
  once: { steps: [wait], takes: 1 },
  twice: {
    steps: [wait, { ...wait, id: 'again', match: { 'event.payment.id': '{{event.payment.id}}', 'event.live': false } }],
    takes: 2,
  },
  both: { steps: [{ id: 'both', parallel: [wait, { ...wait, id: 'other' }] }], takes: 2 },
  loop: { steps: [{ id: 'each', forEach: { in: turn }, do: [wait] }], takes: 3 },
  crowd: { steps: [{ id: 'each', forEach: { in: turn, concurrency: 3 }, do: [wait] }], takes: 3 },
} satisfies Record<string, { steps: Step[]; takes: number }>;

const about = fc.constantFrom<Subject>('pi_a', 'pi_b');
const planNames = Object.keys(plans) as Plan[];

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  runs: fc.array(
    fc.record({
      plan: fc.constantFrom(...planNames),
      about,
      continuesAfter: fc.constantFrom(1_000, 2, 4),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  events: fc.array(
    fc.record({
      about,
      type: fc.constantFrom<EventType>('payment.succeeded', 'payment.expired'),
      copies: fc.constantFrom(1, 2),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  mishaps: fc.array(
    fc.record({ at: fc.nat(120), kind: fc.constantFrom<Mishap['kind']>('before', 'after', 'abandoned', 'lost') }),
    { maxLength: 8 },
  ),
  leases: fc.nat(2),
  announced: fc.boolean(),
});
