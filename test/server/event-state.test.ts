import { expect, it } from 'vitest';
import { stateOf } from '../../server/event-state.ts';
import type { ReadEvent } from '../../server/gateway/read-events.ts';
import { presetWith } from './gateway/gateways.ts';
import { sampleEvent } from './sample-event.ts';

const plain = presetWith({});
const holding = presetWith({
  types: [
    { match: { 'json:/type': ['intent'] }, type: 'payment.succeeded', hold: '20s' },
    { match: { 'json:/type': ['session'] }, type: 'payment.succeeded' },
  ],
});

function read(changes: Partial<ReadEvent> & { live?: boolean | null } = {}): ReadEvent {
  const { live = null, ...others } = changes;
  return { event: sampleEvent({ live }), unreadable: null, item: 0, holdMs: 0, ...others };
}

function state(given: ReadEvent, { test = false, wanted = true, preset = plain } = {}) {
  const { state: name, lastError } = stateOf(given, { source: { preset, test }, isWanted: () => wanted });
  return [name, lastError];
}

it.each([
  ['true', true, ['pending', null]],
  ['false', false, ['ignored', 'test event']],
  ['null', null, ['pending', null]],
])('ignores test events of a source that does not want them: live %s', (_live, live, expected) => {
  expect(state(read({ live }))).toEqual(expected);
});

it('takes test events for any others if the source wants them', () => {
  expect(state(read({ live: false }), { test: true })).toEqual(['pending', null]);
  expect(state(read({ live: false }), { test: true, wanted: false })).toEqual([
    'ignored',
    'no definition reacts to its type',
  ]);
});

it('says why an event is not pending', () => {
  expect(state(read({ unreadable: 'no-id: json:/id', live: false }))).toEqual(['unreadable', 'no-id: json:/id']);
  expect(state(read({ ignored: 'it says nothing' }))).toEqual(['ignored', 'it says nothing']);
  expect(state(read(), { wanted: false })).toEqual(['ignored', 'no definition reacts to its type']);
});

it('keeps a notice, which no definition wants, to ask the gateway', () => {
  const event = sampleEvent({ id: 'notice:1', type: 'stripe:notice', nativeType: 'notice' });
  expect(state(read({ event }), { wanted: false })).toEqual(['pending', null]);
});

it('holds an event back although no definition wants its own native type, because the next one may have another', () => {
  const deps = { source: { preset: holding, test: false }, isWanted: () => false };
  expect(stateOf(read({ holdMs: 20_000 }), deps)).toEqual({
    state: 'pending',
    lastError: null,
    holdMs: 20_000,
    endsHold: false,
  });
});

it('holds no test event back', () => {
  const deps = { source: { preset: holding, test: false }, isWanted: () => true };
  expect(stateOf(read({ holdMs: 20_000, live: false }), deps)).toMatchObject({ state: 'ignored', holdMs: 0 });
});

it.each([
  ['of a preset that holds others back', holding, true],
  ['of a preset that holds nothing', plain, false],
])('lets an event without a hold end one, if it is %s', (_preset, preset, endsHold) => {
  const deps = { source: { preset, test: false }, isWanted: () => true };
  expect(stateOf(read(), deps)).toMatchObject({ state: 'pending', holdMs: 0, endsHold });
});
