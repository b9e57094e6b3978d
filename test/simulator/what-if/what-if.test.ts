import { describe, expect, it } from 'vitest';
import type { Definition, Step } from '../../../language/definition.ts';
import { completeEvent } from '../../../simulator/complete-event.ts';
import { formatWhatIf } from '../../../simulator/what-if/format-what-if.ts';
import { createWhatIf } from '../../../simulator/what-if/what-if.ts';
import { activityTypes } from '../../language/activity-types.ts';

const order: Step = {
  id: 'order',
  call: 'orders.create',
  with: { reference: '{{event.payment.orderId}}', amount: '{{event.payment.amount}}', currency: 'IDR' },
};
const cashback = (least: number): Step => ({
  id: 'cashback',
  if: { '>=': [{ var: 'event.payment.amount' }, least] },
  call: 'cashback.grant',
  with: { orderId: '{{steps.order.id}}', amount: 5, currency: 'IDR' },
});
const shop = (changes: Partial<Definition> = {}): Definition => ({
  ...{ name: 'shop', on: { event: 'payment.succeeded' }, steps: [order, cashback(1_000)] },
  ...changes,
});
const paid = (amount: number, number: number) =>
  completeEvent(
    { id: `evt_${number}`, source: 'shop', payment: { amount, currency: 'IDR', orderId: `INV-${number}` } },
    { on: { event: 'payment.succeeded' } },
  ).event;

async function compare(draft: Definition, served: Definition | null, amounts: number[], hadRun = true) {
  const comparison = createWhatIf({
    draft: { definition: draft, children: {} },
    served: served === null ? null : { definition: served, children: {} },
    surroundings: { activities: activityTypes, settings: {} },
  });
  for (const [number, amount] of amounts.entries()) await comparison.add({ event: paid(amount, number), hadRun });
  return { result: comparison.result(), skip: comparison.skip, latest: comparison.result };
}

describe('a draft over stored events', () => {
  it('tells nothing if it decides the same', async () => {
    const { result } = await compare(shop(), shop(), [500, 1_500]);
    expect(result).toMatchObject({ looked: 2, same: 2, different: 0, groups: [], draftStarts: 2, servedStarts: 2 });
  });

  it('groups events with the same change, with the sum of their money and examples', async () => {
    const { result } = await compare(shop({ steps: [order, cashback(2_000)] }), shop(), [500, 1_500, 1_700, 2_500]);
    expect(result).toMatchObject({ looked: 4, same: 2, different: 2 });
    expect(result.groups).toEqual([
      {
        changes: ['cashback would be skipped, not done'],
        events: 2,
        money: { IDR: '3200' },
        examples: [
          { source: 'shop', eventId: 'evt_1', orderId: 'INV-1', currency: 'IDR', amount: 1_500, because: null },
          { source: 'shop', eventId: 'evt_2', orderId: 'INV-2', currency: 'IDR', amount: 1_700, because: null },
        ],
      },
    ]);
  });

  it('tells of runs that would not start, and of those that would', async () => {
    const some = shop({ on: { event: 'payment.succeeded', if: { '>': [{ var: 'event.payment.amount' }, 1_000] } } });
    const fewer = (await compare(some, shop(), [500, 1_500])).result;
    const more = (await compare(shop(), some, [500, 1_500])).result;
    expect([fewer.groups[0]?.changes, more.groups[0]?.changes]).toEqual([
      ['no run would start'],
      ['a run would start, and complete'],
    ]);
    expect(fewer.groups[0]?.examples[0]?.because).toBe('if is false: event.payment.amount (500) > 1000');
  });

  it('tells of another input, of steps that are new or gone, and of another end', async () => {
    const changed = { ...order, with: { ...(order as { with: object }).with, currency: 'USD' } } as Step;
    const { result } = await compare(
      shop({ steps: [changed, { id: 'note', set: { a: 1 } }, { id: 'enough', fail: 'no', type: 'Enough' }] }),
      shop(),
      [1_500],
    );
    expect(result.groups[0]?.changes).toEqual([
      'order would get another input',
      'cashback would not run',
      'note would run (done)',
      'enough would run (failed)',
      'the run would be failed (Enough), not completed',
    ]);
  });

  it('is all new if no definition of its name is served', async () => {
    const { result } = await compare(shop(), null, [1_500], false);
    expect(result).toMatchObject({ hasServed: false, servedStarts: 0, ranOtherwise: 0, different: 1 });
    expect(formatWhatIf(result)).toContain('No definition "shop" is served, so everything that the draft does is new.');
  });

  it('counts events whose runs were decided otherwise when they came', async () => {
    const { result } = await compare(shop(), shop(), [1_500, 1_600], false);
    expect(result).toMatchObject({ ranThen: 0, ranOtherwise: 2, same: 2 });
  });

  it('sums money beyond 2^53 exactly', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const { result } = await compare(shop({ steps: [order] }), shop(), [most, most, most]);
    expect(result.groups[0]?.money).toEqual({ IDR: '27021597764222973' });
  });

  it('counts what nobody can tell, and says so', async () => {
    const { skip, latest } = await compare(shop(), shop(), [1_500]);
    skip('their bodies are no longer kept or cannot be read');
    skip('their bodies are no longer kept or cannot be read');
    expect(latest()).toMatchObject({ looked: 3, same: 1 });
    expect(formatWhatIf(latest())).toContain(
      '2 events: cannot tell, because their bodies are no longer kept or cannot be read.',
    );
  });

  it('tells for which activities results are made up', async () => {
    const { result } = await compare(shop(), shop(), [1_500]);
    expect(result.assumed).toEqual(['cashback.grant', 'orders.create']);
  });

  it('ends, whatever a draft does', async () => {
    const endless: Step = { id: 'again', while: true, max: 10_000, do: [{ id: 'count', set: { a: 1 } }] };
    const { result } = await compare(
      shop({ steps: [endless, { ...endless, id: 'more', do: [{ id: 'b', set: { a: 1 } }] }] }),
      shop(),
      [1_500],
    );
    expect(result.different).toBe(1);
  });
});

it('is shown with money, examples and what was assumed', async () => {
  const { result } = await compare(shop({ steps: [order, cashback(200_000)] }), shop(), [150_000]);
  expect(formatWhatIf(result).split('\n')).toEqual([
    '1 event looked at: 1 would be different, 0 the same.',
    'Runs would start for 1, now for 1.',
    '',
    '1 event, IDR 1,500.00:',
    '  cashback would be skipped, not done',
    '  such as shop/evt_0 INV-0 IDR 1,500.00',
    '',
    'Both definitions were simulated: nobody answers, no other event comes, and nothing was sent.',
    'Results are made up, the same for both: cashback.grant, orders.create.',
  ]);
});
