import { beforeEach, describe, expect, it } from 'vitest';
import { createFeed, type Feed } from '../../../cli/dev/feed.ts';

let lines: string[];
let feed: Feed;
beforeEach(() => {
  lines = [];
  feed = createFeed({ print: (line) => lines.push(line.slice(9)), now: () => new Date(2026, 0, 2, 3, 4, 5) });
});

const workflowId = 'kait/order/stripe/pi_1:succeeded';
const logged = { from: 'activity', activity: 'crm.tell', key: `${workflowId}/tell`, level: 30 };
const dispatched = { msg: 'event dispatched', level: 30, type: 'payment.succeeded', event: 'pi_1:succeeded' };

describe('the feed of kait dev', () => {
  it.each([
    [
      {
        msg: 'webhook',
        level: 30,
        source: 'stripe',
        type: 'payment.succeeded',
        event: 'pi_1',
        outcome: 'stored',
        ms: 4.2,
      },
      '← stripe payment.succeeded pi_1  stored in 4.2 ms',
    ],
    [
      {
        msg: 'webhook',
        level: 30,
        source: 'shop',
        type: '',
        event: 'x',
        outcome: 'unreadable',
        ms: 1,
        reason: 'no-type',
      },
      '← shop  x  unreadable in 1 ms: no-type',
    ],
    [
      { msg: 'webhook rejected', level: 40, source: 'stripe', reason: 'wrong-signature', status: 401, address: '::1' },
      '✘ stripe rejected wrong-signature (401) from ::1',
    ],
    [{ ...logged, msg: 'added a note', facts: { id: 'n_1' } }, '· crm.tell added a note  {"id":"n_1"}  order'],
    [{ ...logged, level: 20, msg: 'asking' }, '· crm.tell asking  order'],
    [{ ...logged, level: 40, msg: 'slow' }, '! crm.tell slow  order'],
    [{ ...logged, level: 50, msg: 'lost' }, '✘ crm.tell lost  order'],
    [{ ...logged, msg: 'webhook', facts: { source: 'stripe' } }, '· crm.tell webhook  {"source":"stripe"}  order'],
    [{ ...logged, msg: 'a\u001b[2Jb' }, '· crm.tell a\ufffd[2Jb  order'],
    [{ ...dispatched, runs: [] }, '· no definition reacts to payment.succeeded pi_1:succeeded'],
    [
      {
        msg: 'delivery attempt',
        level: 30,
        type: 'order.paid',
        host: 'a.example',
        status: 200,
        state: 'delivered',
        attempt: 1,
        reason: null,
      },
      '→ order.paid to a.example  200',
    ],
    [
      {
        msg: 'delivery attempt',
        level: 30,
        type: 'order.paid',
        host: 'a.example',
        status: 500,
        state: 'retrying',
        attempt: 2,
        reason: 'HTTP 500',
      },
      '→ order.paid to a.example  HTTP 500 (attempt 2)',
    ],
    [{ msg: 'event waits', level: 40, source: 'x', reason: 'why' }, '! event waits  x  why'],
  ])('tells of %j', (entry, line) => {
    feed.take(entry);
    expect(lines).toEqual([line]);
  });

  it('keeps quiet about the rest', () => {
    feed.take({ msg: 'sources reloaded', level: 30 });
    feed.take({ msg: 'constructor', level: 20 });
    expect(lines).toEqual([]);
  });

  it('warns of the same thing once', () => {
    const entry = { msg: 'no key', level: 40, source: 'shop' };
    feed.take(entry);
    feed.take(entry);
    expect(lines).toEqual(['! no key  shop']);
  });

  it('shows no control characters of a sender', () => {
    feed.take({ msg: 'webhook', level: 30, source: 's', type: 't', event: 'a\u001b[2Jb\nc', outcome: 'stored', ms: 1 });
    expect(lines[0]).not.toMatch(/\p{Cc}/u);
  });

  it('tells when a run starts and how it ends', async () => {
    feed.follow(() => Promise.resolve());
    feed.take({ ...dispatched, runs: [workflowId] });
    await expect.poll(() => lines).toEqual(['▶ order started for pi_1:succeeded', '✔ order completed']);
  });

  it('tells the innermost reason why a run failed', async () => {
    const cause = new Error('ActivityFailure', { cause: new Error('card declined') });
    feed.follow(() => Promise.reject(new Error('Workflow execution failed', { cause })));
    feed.take({ ...dispatched, runs: [workflowId] });
    await expect.poll(() => lines[1]).toBe(`✘ order failed: card declined  ${workflowId}`);
  });
});

it('shows each line of an activity, however often it says the same', () => {
  feed.take({ ...logged, level: 40, msg: 'slow' });
  feed.take({ ...logged, level: 40, msg: 'slow' });
  expect(lines).toEqual(['! crm.tell slow  order', '! crm.tell slow  order']);
});

it('cuts facts that would fill the terminal', () => {
  feed.take({ ...logged, msg: 'read', facts: { text: 'x'.repeat(5_000) } });
  expect(lines[0]!.length).toBeLessThan(600);
});
