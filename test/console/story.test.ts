import { expect, it } from 'vitest';
import type { FullRun } from '../../console/pages/runs/run-state.ts';
import { byDay, storyOf, subjectOf } from '../../console/pages/find/story.ts';

const event = (eventId: string, receivedAt: string, about: { orderId?: string; amount?: number } = {}) => ({
  ...{ source: 'stripe', eventId, type: 'payment.succeeded', state: 'dispatched' as const, receivedAt },
  ...{ orderId: about.orderId ?? null, currency: 'IDR', amount: about.amount ?? null, duplicates: 0, lastError: null },
  ...{ paymentId: null, refund: null, redeliveries: [] },
});
const run = (workflowId: string, startedAt: string | null) => ({
  ...{ workflowId, definition: 'paid', startedAt, because: 'started-by' as const },
});
const mail = (id: string, createdAt: string) => ({
  ...{ id, recipient: 'a@b.example', subject: 'Receipt', state: 'sent', createdAt, run: 'r' },
});
const nothing = { events: [], rejections: [], runs: [], approvals: [], deliveries: [], mails: [], more: [] };
const kinds = (chapters: ReturnType<typeof storyOf>) => chapters.map(({ kind, at }) => [kind, at]);

it('tells what happened in the order in which it did', () => {
  const found = {
    ...nothing,
    events: [event('2', '2026-11-28T12:00:00.000Z'), event('1', '2026-11-28T10:00:00.000Z')],
    runs: [run('r', '2026-11-28T10:00:00.050Z')],
    mails: [mail('m', '2026-11-28T11:00:00.000Z')],
  };
  expect(kinds(storyOf(found))).toEqual([
    ['event', '2026-11-28T10:00:00.000Z'],
    ['run', '2026-11-28T10:00:00.050Z'],
    ['mail', '2026-11-28T11:00:00.000Z'],
    ['event', '2026-11-28T12:00:00.000Z'],
  ]);
});

it('puts a cause before its effect if both have the same time, and what has not started last', () => {
  const at = '2026-11-28T10:00:00.000Z';
  const found = {
    ...nothing,
    mails: [mail('m', at)],
    runs: [run('late', null), run('r', at)],
    events: [event('1', at)],
  };
  expect(kinds(storyOf(found))).toEqual([
    ['event', at],
    ['run', at],
    ['mail', at],
    ['run', null],
  ]);
});

it('tells when a webhook was sent again, and what was rejected before', () => {
  const again = { at: '2026-11-28T10:05:00.000Z', times: 2, sender: '203.0.113.9' };
  const rejected = {
    ...{ at: '2026-11-28T09:00:00.000Z', source: 'stripe', reason: 'wrong-signature', hint: 'The secret differs.' },
    ...{ status: 401, address: '203.0.113.9', bytes: 900 },
  };
  const found = {
    ...nothing,
    events: [{ ...event('1', '2026-11-28T10:00:00.000Z'), duplicates: 2, redeliveries: [again] }],
    rejections: [rejected],
  };
  expect(kinds(storyOf(found))).toEqual([
    ['rejection', '2026-11-28T09:00:00.000Z'],
    ['event', '2026-11-28T10:00:00.000Z'],
    ['redelivery', '2026-11-28T10:05:00.000Z'],
  ]);
});

it('tells the refunds that a run has asked for, and not those that it has not', () => {
  const step = (id: string, verb: string, startedAt: string | null) => ({
    id,
    title: id,
    verb,
    what: null,
    startedAt,
    branches: [],
  });
  const steps = [
    step('refund', 'http', '2026-11-28T10:00:01.000Z'),
    step('refund-later', 'call', null),
    step('tell-refund', 'set', '2026-11-28T10:00:02.000Z'),
    step('reserve', 'http', '2026-11-28T10:00:02.000Z'),
  ];
  const full = { workflowId: 'r', details: { steps } } as unknown as FullRun;
  const found = { ...nothing, runs: [run('r', '2026-11-28T10:00:00.000Z')] };
  expect(kinds(storyOf(found, new Map([['r', full]])))).toEqual([
    ['run', '2026-11-28T10:00:00.000Z'],
    ['refund', '2026-11-28T10:00:01.000Z'],
  ]);
});

it('divides a story into days', () => {
  const found = {
    ...nothing,
    events: ['2026-11-27T23:59:59.000Z', '2026-11-28T00:00:00.000Z', '2026-11-28T01:00:00.000Z'].map((at) =>
      event(at, at),
    ),
    runs: [run('late', null)],
  };
  const days = byDay(storyOf(found), (at) => at.slice(0, 10));
  expect(days.map(([day, chapters]) => [day, chapters.length])).toEqual([
    ['2026-11-27', 1],
    ['2026-11-28', 2],
    [null, 1],
  ]);
});

it('names the order and the amount of one payment, and of several none', () => {
  const at = '2026-11-28T10:00:00.000Z';
  const [priced, other] = [event('1', at, { orderId: 'INV-9', amount: 5 }), event('2', at, { orderId: 'INV-9' })];
  const one = { ...nothing, events: [{ ...other, type: 'payment.pending' }, priced] };
  const balances = [{ currency: 'IDR', paid: '5', givenBack: '0', remains: '5', problem: null }];
  const several = { ...nothing, events: [event('1', at, { orderId: 'A' }), event('2', at, { orderId: 'B' })] };
  expect(subjectOf(one)).toEqual({ orderId: 'INV-9', currency: 'IDR', amount: 5, balances });
  expect(subjectOf({ ...one, more: ['events'] })?.balances).toEqual([]);
  expect(subjectOf(several)).toBeNull();
  expect(subjectOf(nothing)).toBeNull();
});
