import { describe, expect, it } from 'vitest';
import { formatExplanation } from '../../authoring/format-explanation.ts';
import { explainDefinition } from '../../authoring/explain-definition.ts';
import { runRules } from '../authoring/run-rules.ts';
import type { Definition } from '../../language/definition.ts';
import { matchTrigger } from '../../language/match-trigger.ts';
import { turnRulesOf } from '../../language/turns.ts';
import { completeEvent } from '../../simulator/complete-event.ts';
import { explainTrigger } from '../../simulator/explain-trigger.ts';
import { runTest } from '../../simulator/definition-tests/run-tests.ts';
import { activityTypes } from '../language/activity-types.ts';

const steps: Definition['steps'] = [{ id: 'note', set: { seen: '{{event.data}}' } }];
const scheduled: Definition = {
  ...{ name: 'report', on: { schedule: '0 8 * * *', timezone: 'Asia/Jakarta' }, steps, output: '{{vars.seen}}' },
};
const manual: Definition = {
  name: 'give-back',
  on: {
    manual: {
      type: 'object',
      properties: { orderId: { type: 'string' }, amount: { type: 'integer', minimum: 1 } },
      required: ['orderId', 'amount'],
      additionalProperties: false,
    },
  },
  ...{ steps, output: '{{vars.seen}}' },
};
const surroundings = { activities: activityTypes, children: {}, finalErrors: [], harmlessErrors: [] };

describe('a scheduled definition in a test', () => {
  it('runs at the time that the test gives', async () => {
    const test = {
      ...{ name: 'at eight', event: { occurredAt: '2026-11-28T01:00:00.000Z' } },
      expect: {
        output: {
          ...{ scheduledFor: '2026-11-28T01:00:00.000Z', timezone: 'Asia/Jakarta', date: '2026-11-28', time: '08:00' },
        },
      },
    };
    expect(await runTest(test, { ...surroundings, definition: scheduled })).toMatchObject({ differences: [] });
  });

  it('has an event of its own, which says nothing about money', () => {
    const { event } = completeEvent({ payment: { amount: 5 } }, scheduled);
    expect(event).toMatchObject({ source: 'kait', type: 'kait:schedule', entity: 'report', payment: null, live: null });
  });

  it('obeys its condition', () => {
    const guarded = { ...scheduled, on: { schedule: '@daily', if: { var: 'settings.on' } } };
    const { event } = completeEvent({}, guarded);
    expect(explainTrigger(guarded, event, { on: false })).toMatchObject({ triggered: false, asked: true });
    expect(explainTrigger(guarded, event, { on: true })).toMatchObject({ triggered: true });
  });
});

describe('a definition that somebody starts, in a test', () => {
  it('gets the input of the test, or one that is made up', async () => {
    const input = { orderId: 'INV-7', amount: 5 };
    const given = { name: 'a', event: { data: input }, expect: { output: input } };
    const madeUp = { name: 'b', expect: { output: { orderId: 'input-orderId', amount: 1 } } };
    expect(await runTest(given, { ...surroundings, definition: manual })).toMatchObject({ differences: [] });
    expect(await runTest(madeUp, { ...surroundings, definition: manual })).toMatchObject({ differences: [] });
  });

  it.each<[string, unknown, string]>([
    ['lacks something', { orderId: 'INV-7' }, 'the input does not fit: `amount`: is required'],
    [
      'has another type',
      { orderId: 'INV-7', amount: '5' },
      'the input does not fit: `amount`: expected a whole number, got a text',
    ],
    ['is no object', 'INV-7', 'the input does not fit: expected an object, got a text'],
  ])('does not run if the input %s', (_what, data, because) => {
    const { event } = completeEvent({ data: data as never }, manual);
    expect(explainTrigger(manual, event)).toMatchObject({ triggered: false, because });
  });
});

describe('an event that Kait makes', () => {
  const { event } = completeEvent({ data: { orderId: 'INV-7', amount: 5 } }, manual);

  it('starts no other definition', () => {
    const other = { ...manual, name: 'other' };
    const native = { name: 'any', on: { event: ['kait:manual', 'manual', 'payment.succeeded'] } };
    expect(matchTrigger(other, event)).toEqual({ triggered: false, by: 'definition' });
    expect(explainTrigger(other, event)).toMatchObject({ because: 'it is for give-back' });
    expect(matchTrigger(native, event)).toEqual({ triggered: false, by: 'type' });
    expect(matchTrigger(scheduled, event)).toEqual({ triggered: false, by: 'type' });
  });

  it('cannot be told by a gateway', () => {
    const told = { ...event, source: 'shop', gateway: 'shop' };
    expect(matchTrigger(manual, told)).toEqual({ triggered: false, by: 'type' });
  });
});

it('takes turns among the events of Kait’s own', () => {
  const rules = turnRulesOf({ ...scheduled, key: 'report', limits: { perKey: 'skip' } });
  expect(rules).toMatchObject({ types: ['kait:schedule'], sources: ['kait'], perKey: 'skip' });
});

it('is explained with its next five times, and with the members of its input', () => {
  const now = new Date('2026-11-28T00:30:00Z');
  const explained = [scheduled, manual].map((definition) =>
    formatExplanation(explainDefinition({ definition, hash: 'abcdefabcdef', rules: runRules, settings: [], now })),
  );
  expect(explained[0]?.split('\n').slice(1, 9)).toEqual([
    'Starts on a schedule: 0 8 * * * in Asia/Jakarta, at most 1h late. Runs are pinned to abcdefabcdef.',
    '',
    'Next times',
    '  2026-11-28 08:00 Asia/Jakarta (2026-11-28T01:00Z)',
    '  2026-11-29 08:00 Asia/Jakarta (2026-11-29T01:00Z)',
    '  2026-11-30 08:00 Asia/Jakarta (2026-11-30T01:00Z)',
    '  2026-12-01 08:00 Asia/Jakarta (2026-12-01T01:00Z)',
    '  2026-12-02 08:00 Asia/Jakarta (2026-12-02T01:00Z)',
  ]);
  expect(explained[1]?.split('\n')[1]).toBe(
    'Starts on "kait runs start", with the input orderId, amount. Runs are pinned to abcdefabcdef.',
  );
});
