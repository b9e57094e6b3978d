import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { estimateHistory } from '../../authoring/estimate-history.ts';
import type { Step } from '../../language/definition.ts';
import { runLimits } from '../../language/verbs.ts';
import { verbCases } from '../histories/cases.ts';
import { runRules } from './run-rules.ts';

const estimate = (...steps: Step[]) => estimateHistory({ steps }, runRules);
const pay: Step = { id: 'pay', call: 'mail.send' };
const order: Step = { id: 'order', call: 'orders.create' };
const perItem = (steps: Step[], concurrency = 1): Step => ({
  id: 'lines',
  forEach: { in: '{{vars.lines}}', concurrency },
  do: steps,
});

describe('the number of events, as real servers recorded them,', () => {
  /** Those of time skipping are the test server's own. */
  const recorded = (name: string) => {
    const text = readFileSync(new URL(`../histories/${name}.json`, import.meta.url), 'utf8');
    const { events } = JSON.parse(text) as { events: { eventType: string }[] };
    return events.filter(({ eventType }) => !eventType.includes('TIME_SKIPPING')).length;
  };

  it.each([
    ['call-local-and-ordinary-with-retries', 12, 12],
    ['http', 11, 11],
    ['emit', 6, 6],
    ['wait', 10, 15],
    ['wait-for-event', 8, 14],
    ['wait-for-timeout-with-steps', 8, 14],
    ['approve-yes', 17, 25],
    ['approve-timeout', 17, 25],
    ['parallel-all', 12, 12],
    ['for-each-concurrent-collect', 27, 35],
    ['for-each-handles-an-item', 17, 29],
    ['while', 5, 60],
    ['if-and-switch', 17, 17],
    ['try-catch-finally', 17, 23],
    ['run-waiting-and-detached', 16, 19],
    ['set-do-and-stop', 5, 11],
    ['values-from-the-host', 11, 11],
  ])('%s: from %i to %i', (name, min, max) => {
    const found = verbCases.find((each) => each.name === name);
    const localActivities = found?.options?.local ?? [];
    const { events, perItem: items } = estimateHistory(found?.definition ?? { steps: [] }, {
      ...runRules,
      localActivities,
    });
    expect({ events, items }).toEqual({ events: { min, max }, items: [] });
    expect(recorded(name)).toBeGreaterThanOrEqual(min);
    expect(recorded(name)).toBeLessThanOrEqual(max);
  });
});

describe('an estimate', () => {
  it('counts what a guard may skip in neither or both', () => {
    expect(estimate(order, { ...pay, if: { var: 'vars.x' } }).events).toEqual({ min: 6, max: 12 });
  });

  it('counts of parallel branches one shared workflow task at best, and of a race one branch', () => {
    const branches = [pay, { ...pay, id: 'two' }, order];
    expect(estimate({ id: 'p', parallel: branches }).events).toEqual({ min: 15, max: 18 });
    expect(estimate({ id: 'p', join: 'first', parallel: branches }).events).toEqual({ min: 6, max: 18 });
  });

  it('counts steps after a possible stop as optional', () => {
    const guarded: Step = { id: 's', if: { var: 'vars.x' }, stop: 'enough' };
    expect(estimate(order, { id: 'd', do: [guarded] }, pay).events).toEqual({ min: 6, max: 12 });
  });

  it('counts what an answer leads to', () => {
    const approve: Step = { id: 'a', approve: 'Sure?', timeout: '1h', onReject: [pay], onTimeout: 'continue' };
    expect(estimate(approve).events).toEqual({ min: 17, max: 31 });
  });

  it('lists loops over run-time lists separately, inner loops too', () => {
    const inner: Step = { id: 'inner', forEach: { in: '{{item}}' }, do: [order] };
    expect(estimate(order, perItem([pay, inner], 3))).toMatchObject({
      events: { min: 6, max: 6 },
      perItem: [
        { loop: 'lines', events: { min: 4, max: 6 } },
        { loop: 'inner', events: { min: 1, max: 1 } },
      ],
    });
  });

  it('multiplies by the length of a literal list', () => {
    expect(estimate({ id: 'l', forEach: { in: [1, 2, 3] }, do: [pay] }).events).toEqual({ min: 23, max: 23 });
    expect(estimate({ id: 'l', forEach: { in: [1, 2, 3], join: 'first' }, do: [pay] }).events).toEqual({
      min: 11,
      max: 23,
    });
    expect(estimate({ id: 'l', forEach: { in: [] }, do: [pay] }).events).toEqual({ min: 5, max: 5 });
  });
});

describe('going on as a new run', () => {
  it('is not expected of a short run', () => {
    expect(estimate(order, pay).continues).toBeNull();
    expect(estimate(perItem([{ id: 's', set: { a: 1 } }])).continues).toBeNull();
  });

  it('comes at 4,096 events', () => {
    expect(estimate(perItem([pay])).continues).toEqual({ loop: 'lines', afterItems: { min: 682, max: 682 } });
    expect(estimate(perItem([pay], 3)).continues).toEqual({ loop: 'lines', afterItems: { min: 682, max: 1023 } });
  });

  it('happens at 2,000 calls if those are local', () => {
    expect(estimate(perItem([order])).continues).toEqual({ loop: 'lines', afterItems: { min: 2000, max: 2000 } });
  });

  it('may not happen if items may do nothing', () => {
    const guarded = { ...pay, if: { var: 'item' } };
    expect(estimate(perItem([guarded])).continues).toEqual({ loop: 'lines', afterItems: { min: 682, max: null } });
  });

  it('happens between two steps if no loop over a list makes the run long', () => {
    const loop = (max: number): Step => ({ id: 'w', while: { var: 'vars.x' }, max, do: [pay] });
    expect(estimate(loop(682)).continues).toEqual({ loop: null, afterItems: null });
    expect(estimate(loop(681)).continues).toBeNull();
  });

  it('knows the limit of calls that the interpreter has', () => {
    const source = readFileSync(new URL('../../workflows/temporal-effects.ts', import.meta.url), 'utf8');
    expect(source).toContain('calls >= runLimits.callsPerRun');
    expect(runLimits.callsPerRun).toBe(2_000);
  });
});
