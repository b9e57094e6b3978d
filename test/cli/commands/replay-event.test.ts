import { expect, it } from 'vitest';
import { fakeApi } from '../fake-api.ts';
import { replayEvent, type ReplayOptions } from '../../../cli/commands/replay-event.ts';

/** Replays an event; the API gives the answer. */
async function replay(answer: object, options: ReplayOptions = {}) {
  const { api, asked } = fakeApi(answer);
  return { text: await replayEvent(api, 'stripe', 'evt_1', options), asked };
}

const run = 'kait-1/pay-out/stripe/evt_1';
const offered = {
  replayed: true,
  why: null as string | null,
  runs: [] as string[],
  inDoubt: [] as string[],
  offeredTo: ['pay-out'],
};
const again = { refused: null as string | null, runs: [`${run}/kait:again-1`], notServed: [] as string[] };
const reason = 'the bank lost it';

it.each([
  ['to whom the event is offered', offered, 'Replayed stripe/evt_1 to pay-out.'],
  [
    'which runs are not started again',
    { ...offered, runs: [run], offeredTo: ['new'] },
    `Replayed stripe/evt_1 to new.\nWhat has a run is not started again:\n  ${run}`,
  ],
  [
    'that nothing was started, because there is a run',
    { ...offered, replayed: false, why: 'has-runs', runs: [run], offeredTo: [] },
    `Nothing was started: stripe/evt_1 already has a run.\n  ${run}\nTo run it again, with all of its effects: --again --reason <text>.`,
  ],
  [
    'that nobody knows whether its run was started',
    { ...offered, replayed: false, why: 'has-runs', runs: [run], inDoubt: [run], offeredTo: [] },
    `Nothing was started: stripe/evt_1 already has a run.\n  ${run} (in doubt: see what happened)\nTo run it again, with all of its effects: --again --reason <text>.`,
  ],
  ...[
    ['unknown', 'there is no such event'],
    ['unreadable', 'it could not be read; after its preset is fixed, use "events reread"'],
    ['under-way', 'it is being dispatched, or waits for a mistake to be corrected'],
    ['stored-again', 'it was stored again under another id, which "events show" names'],
    ['no-body', 'its body is no longer kept (keepBodies, keepEvents)'],
  ].map(([why = '', text]): [string, object, string] => [
    `why it is not replayed: ${why}`,
    { ...offered, replayed: false, why },
    `Not replayed: stripe/evt_1: ${text}.`,
  ]),
] as [string, object, string][])('says %s', async (_what, answer, expected) => {
  const { text, asked } = await replay(answer);
  expect(text).toBe(expected);
  expect(asked).toEqual(['POST /events/stripe/evt_1/replay']);
});

it('asks for another run with the reason and who asks', async () => {
  const { text, asked } = await replay(again, { again: true, reason, definition: 'pay-out' });
  expect(text).toBe(`stripe/evt_1 runs again, with all of its effects:\n  ${run}/kait:again-1`);
  expect(asked).toEqual([
    [
      'POST /events/stripe/evt_1/run-again',
      {
        ...{ reason, definition: 'pay-out' },
        by: expect.stringMatching(/^\S+@\S+$/) as unknown,
      },
    ],
  ]);
});

it.each([
  [
    { notServed: ['gone'] },
    `stripe/evt_1 runs again, with all of its effects:\n  ${run}/kait:again-1\nNot run again, because they are not served any more: gone.`,
  ],
  [
    { refused: 'not-served', notServed: ['gone'] },
    'Nothing is run again: stripe/evt_1: its definitions are not served any more: gone.',
  ],
  [
    { refused: 'no-run' },
    'Nothing is run again: stripe/evt_1: it has no run to repeat; without --again, replay starts what is missing.',
  ],
])('says what cannot run again: %j', async (changes, expected) => {
  expect((await replay({ ...again, ...changes }, { again: true, reason })).text).toBe(expected);
});

it.each([
  [
    { again: true },
    '--again and --reason <text> belong together. Together they run the event again, with all of its effects, and record why.',
  ],
  [
    { reason },
    '--again and --reason <text> belong together. Together they run the event again, with all of its effects, and record why.',
  ],
  [{ definition: 'pay-out' }, '--definition works only with --again.'],
])('refuses %j and asks for nothing', async (options, message) => {
  await expect(replay({}, options)).rejects.toMatchObject({ code: 'KAIT_USAGE', message });
});
