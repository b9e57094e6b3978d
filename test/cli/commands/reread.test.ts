import { expect, it } from 'vitest';
import { fakeApi } from '../fake-api.ts';
import { rereadEvents, type RereadOptions } from '../../../cli/commands/reread.ts';

const before = {
  ...{ id: 'old', type: 'shop:paid', nativeType: 'paid', entity: null, live: null },
  ...{ amounts: [], state: 'unreadable', reason: 'no-id: json:/id' },
};
const after = {
  ...{ id: 'p1:succeeded', type: 'payment.succeeded', nativeType: 'paid', entity: 'p1', live: true },
  ...{ amounts: ['payment IDR 5.00'], state: 'pending', reason: null },
};
const event = { source: 'shop', eventId: 'old', receivedAt: '2026-01-01T00:00:01.000Z' };
const start = { ...event, change: 'start', why: null, before, after };
const same = { ...event, change: 'none', why: null, before: after, after };
const left = { ...event, change: 'keep', why: 'it already has a run', before, after: null };

/** Runs the command against a Kait that gives these answers, one for each chunk. */
async function run(options: RereadOptions, answers: object[]) {
  const printed: string[] = [];
  const progress: string[] = [];
  const { api, asked } = fakeApi(...answers);
  const out = {
    print: (text: string) => void printed.push(text),
    progress: (text: string) => void progress.push(text),
  };
  await rereadEvents(api, options, out);
  return { asked, printed, progress };
}

it('previews what would change, and says how to do it', async () => {
  const answer = { looked: 3, readings: [start, same, left], next: null, upTo: 9 };
  const { asked, printed } = await run({ source: 'shop', since: '2026-01-01T00:00:00Z', state: ['ignored'] }, [answer]);
  expect(asked).toEqual([
    [
      'POST /events/reread',
      { source: 'shop', since: '2026-01-01T00:00:00Z', states: ['ignored'], after: 0, apply: false },
    ],
  ]);
  expect(printed).toEqual([
    [
      '+ shop/old 2026-01-01T00:00:01.000Z',
      '    id       old                          →  p1:succeeded',
      '    type     shop:paid                    →  payment.succeeded',
      '    amounts                               →  payment IDR 5.00',
      '    state    unreadable: no-id: json:/id  →  pending',
    ].join('\n'),
    '= shop/old 2026-01-01T00:00:01.000Z  it already has a run',
    '3 events read: 1 would be dispatched, 0 updated, 1 unchanged, 1 left alone. Nothing was written. To do it, add --apply.',
  ]);
});

it('goes through all chunks of the first answer’s events, and reports its progress', async () => {
  const chunks = [
    { looked: 50, readings: [start], next: 50, upTo: 70 },
    { looked: 20, readings: [], next: null, upTo: 70 },
  ];
  const { asked, printed, progress } = await run({ source: 'shop', apply: true }, chunks);
  expect(asked).toEqual([
    ['POST /events/reread', { source: 'shop', after: 0, apply: true }],
    ['POST /events/reread', { source: 'shop', after: 50, upTo: 70, apply: true }],
  ]);
  expect(progress).toEqual(['50 events read, 1 to start']);
  expect(printed.at(-1)).toBe('70 events read: 1 dispatched, 0 updated, 0 unchanged, 0 left alone.');
});

it('prints one JSON object for each event that reads differently', async () => {
  const answer = { looked: 2, readings: [start, same], next: null, upTo: 9 };
  const { printed } = await run({ source: 'shop', json: true }, [answer]);
  expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual([start]);
});

it('does not read everything again because nothing was said', async () => {
  await expect(run({ apply: true }, [])).rejects.toThrow(
    'Expected which events to read again: <source> <event-id>, --source, --state or --since.',
  );
});

it('says that there is no such event', async () => {
  const answer = { looked: 0, readings: [], next: null, upTo: 9 };
  await expect(run({ source: 'shop', eventId: 'evt_1' }, [answer])).rejects.toMatchObject({
    code: 'KAIT_EVENT_UNKNOWN',
    message: 'There is no event "evt_1" of "shop". List the events with "kait events".',
  });
});

it.each([
  [0, 'No stored event matches. List the events with "kait events".'],
  [1, '1 event read: 0 would be dispatched, 0 updated, 1 unchanged, 0 left alone.'],
])('sums up %i events', async (looked, summary) => {
  const readings = [{ ...start, change: 'none' }].slice(0, looked);
  const { printed } = await run({ source: 'nope' }, [{ looked, readings, next: null, upTo: 0 }]);
  expect(printed).toEqual([summary]);
});
