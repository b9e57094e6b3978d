import { expect, it } from 'vitest';
import { isAwaited, withAwaited } from '../../server/awaited-events.ts';
import { sampleEvent } from './sample-event.ts';

const run = { workflowId: 'shop/stripe/evt_1', definition: 'shop', definitionHash: 'abc' };
const all = { file: 'workflows/new.json', types: null };
const failed = { file: 'workflows/failed.json', types: ['payment.failed'] };

it.each([
  ['all types', all, true],
  ['its canonical type', { file: 'a', types: ['payment.succeeded'] }, true],
  ['its native type', { file: 'a', types: ['payment_intent.succeeded'] }, true],
  ['another type', failed, false],
])('finds out if an event may be for a file with %s', (_which, file, expected) => {
  expect(isAwaited([file], sampleEvent())).toBe(expected);
});

it('lets an event wait whose other runs were started, and says for which files', () => {
  const done = { kind: 'done' as const, runs: [run], duplicates: 0 };
  expect(withAwaited(done, sampleEvent(), [all, failed])).toEqual({
    kind: 'waiting',
    runs: [run],
    waitsFor: ['workflows/new.json'],
    reason: 'waits for workflows/new.json, where a mistake is to be corrected',
  });
});

it('ignores no event that may be for a file with a mistake', () => {
  const ignored = { kind: 'done' as const, runs: [], duplicates: 0, ignored: 'no trigger matches it' };
  expect(withAwaited(ignored, sampleEvent(), [all])).toMatchObject({ kind: 'waiting', runs: [] });
  expect(withAwaited(ignored, sampleEvent(), [failed])).toBe(ignored);
});

it('keeps what another definition could not start', () => {
  const refused = { kind: 'refused' as const, runs: [], reason: 'shop: no such path', certain: true };
  expect(withAwaited(refused, sampleEvent(), [all])).toMatchObject({
    kind: 'waiting',
    reason: 'waits for workflows/new.json, where a mistake is to be corrected; shop: no such path',
  });
});

it.each([
  ['a start that failed', { kind: 'unstarted' as const, runs: [], reason: 'refused', temporalSeemsDown: true }],
  [
    'a start in doubt, which an operator must look at first',
    { kind: 'refused' as const, runs: [], doubtful: [], reason: 'Kait stopped', certain: true },
  ],
  ['a start that may succeed later', { kind: 'refused' as const, runs: [], reason: 'busy' }],
])('leaves an event alone after %s', (_what, outcome) => {
  expect(withAwaited(outcome, sampleEvent(), [all])).toBe(outcome);
});
