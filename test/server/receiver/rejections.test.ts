import { pino } from 'pino';
import { expect, it } from 'vitest';
import {
  type RejectionCount,
  type RejectionSample,
  createRejections,
  type RejectedRequest,
} from '../../../server/receiver/rejections.ts';
const rejection: RejectedRequest = {
  source: 'stripe',
  reason: 'wrong-signature',
  status: 401,
  address: '203.0.113.9',
  bytes: 1_234,
  headerNames: ['content-type', 'stripe-signature'],
};

function open() {
  const state = {
    at: new Date('2026-01-01T23:59:59Z'),
    counts: [] as RejectionCount[][],
    samples: [] as RejectionSample[],
    fails: { counts: false, samples: false },
    /** Called while counts are being written. */
    whileWriting: () => Promise.resolve(),
  };
  const rejections = createRejections({
    addCounts: async (counts) => {
      await state.whileWriting();
      if (state.fails.counts) throw new Error('connection terminated');
      state.counts.push(counts);
    },
    addSamples: (samples) => {
      if (state.fails.samples) return Promise.reject(new Error('connection terminated'));
      state.samples.push(...samples);
      return Promise.resolve();
    },
    log: pino({ level: 'silent' }),
    now: () => state.at,
  });
  return { state, rejections };
}

it('asks what a request is about only if it is sampled', async () => {
  const { state, rejections } = open();
  let asked = 0;
  const claims = () => ((asked += 1), ['ORDER-7']);
  for (let times = 0; times < 30; times += 1) rejections.record({ ...rejection, claims });
  await rejections.flush();
  expect(asked).toBe(20);
  expect(state.samples[0]).toEqual({ ...rejection, at: state.at, claims: ['ORDER-7'] });
});

it('counts by day, source and reason, and writes only new counts each time', async () => {
  const { state, rejections } = open();
  rejections.record(rejection);
  rejections.record(rejection);
  rejections.record({ ...rejection, source: 'unknown', reason: 'not-found', status: 404 });
  state.at = new Date('2026-01-02T00:00:00Z');
  rejections.record(rejection);
  await rejections.flush();
  await rejections.flush();
  rejections.record(rejection);
  await rejections.flush();
  expect(state.counts).toEqual([
    [
      { day: '2026-01-01', source: 'stripe', reason: 'wrong-signature', count: 2 },
      { day: '2026-01-01', source: 'unknown', reason: 'not-found', count: 1 },
      { day: '2026-01-02', source: 'stripe', reason: 'wrong-signature', count: 1 },
    ],
    [],
    [{ day: '2026-01-02', source: 'stripe', reason: 'wrong-signature', count: 1 }],
  ]);
});

it('samples twenty requests per source, reason and clock hour, and counts all', async () => {
  const { state, rejections } = open();
  const sampled = Array.from({ length: 30 }, () => rejections.record(rejection));
  expect(sampled.lastIndexOf(true)).toBe(19);
  expect(rejections.record({ ...rejection, reason: 'missing-signature' })).toBe(true);
  expect(rejections.record({ ...rejection, source: 'xendit' })).toBe(true);
  state.at = new Date('2026-01-02T00:00:00Z');
  expect(rejections.record(rejection)).toBe(true);
  await rejections.flush();
  expect(state.samples).toHaveLength(23);
  expect(state.counts.flat().map(({ count }) => count)).toEqual([30, 1, 1, 1]);
});

it('keeps fifty header names of up to 64 characters, without control characters', async () => {
  const { state, rejections } = open();
  const headerNames = [
    'x\u0000-\u001b[31mred',
    'a'.repeat(100),
    ...Array.from({ length: 60 }, (_, index) => `x-${index}`),
  ];
  rejections.record({ ...rejection, headerNames });
  await rejections.flush();
  const [sample] = state.samples;
  expect(sample!.headerNames.slice(0, 3)).toEqual(['x-[31mred', 'a'.repeat(64), 'x-0']);
  expect(sample!.headerNames).toHaveLength(50);
  expect(sample).toMatchObject({
    at: new Date('2026-01-01T23:59:59Z'),
    address: '203.0.113.9',
    bytes: 1_234,
    status: 401,
  });
});

it('writes counts and samples that could not be written the next time', async () => {
  const { state, rejections } = open();
  state.fails = { counts: true, samples: true };
  rejections.record(rejection);
  await rejections.flush();
  rejections.record(rejection);
  state.fails = { counts: false, samples: false };
  await rejections.flush();
  expect(state.counts).toEqual([[{ day: '2026-01-01', source: 'stripe', reason: 'wrong-signature', count: 2 }]]);
  expect(state.samples).toHaveLength(2);
});

it('drops samples while nothing can be written, to bound its memory', async () => {
  const { state, rejections } = open();
  state.fails = { counts: true, samples: true };
  for (let round = 0; round < 10; round++) {
    for (let kind = 0; kind < 100; kind++) rejections.record({ ...rejection, reason: `reason-${round}-${kind}` });
    await rejections.flush();
  }
  expect(rejections.record({ ...rejection, reason: 'one-more' })).toBe(false);
  state.fails = { counts: false, samples: false };
  await rejections.flush();
  expect(state.samples).toHaveLength(500);
  expect(state.counts.flat()).toHaveLength(1_001);
});

it('drops the newest samples if older ones must be written again', async () => {
  const { state, rejections } = open();
  const recordAll = (from: number) => {
    for (let kind = from; kind < from + 400; kind++) rejections.record({ ...rejection, reason: `reason-${kind}` });
  };
  state.fails.samples = true;
  state.whileWriting = () => {
    recordAll(400);
    return Promise.resolve();
  };
  recordAll(0);
  await rejections.flush();
  state.fails.samples = false;
  state.whileWriting = () => Promise.resolve();
  await rejections.flush();
  expect(state.samples.map(({ reason }) => reason).slice(399, 401)).toEqual(['reason-399', 'reason-400']);
  expect(state.samples).toHaveLength(500);
});

it('never writes twice at once, and writes the rest when it stops', async () => {
  const { state, rejections } = open();
  let goOn = (): void => undefined;
  state.whileWriting = () =>
    new Promise((resolve) => {
      goOn = resolve;
    });
  rejections.record(rejection);
  const flushing = [rejections.flush(), rejections.flush()];
  rejections.record({ ...rejection, source: 'xendit' });
  const stopping = rejections.stop();
  state.whileWriting = () => Promise.resolve();
  goOn();
  await Promise.all([...flushing, stopping]);
  expect(state.counts.map((counts) => counts.map(({ source }) => source))).toEqual([['stripe'], ['xendit']]);
});

it('writes the last rejections when it stops', async () => {
  const { state, rejections } = open();
  rejections.start();
  rejections.record(rejection);
  await rejections.stop();
  expect(state.counts.flat()).toEqual([{ day: '2026-01-01', source: 'stripe', reason: 'wrong-signature', count: 1 }]);
});
