import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudget, evaluationLimits, type Budget } from '../../language/budget.ts';
import { ExpressionError } from '../../language/expression-error.ts';
import { createEvaluator, evaluateLogic, renderTemplate } from '../../language/expression.ts';
import type { Json } from '../../language/json.ts';
import type { Scope } from '../../language/scope.ts';
import { hostileEvent, hostileExpression } from './hostile-expression.ts';

const host = { nowMs: () => 0, uuid: () => '00000000-0000-8000-8000-000000000000' };
const scopeOf = (event: Json): Scope => ({ event, steps: {}, status: {}, vars: {}, run: { id: 'r', definition: 'd' } });
const times = <Value>(count: number, value: Value) => Array<Value>(count).fill(value);
const wide = (width: number, first = 'k'): Json =>
  Object.fromEntries(Array.from({ length: width }, (_, index) => [`${first}${index}`, 0]));
const each = (logic: Json): Json => ({ all: [{ var: 'event.list' }, { or: [logic, true] }] });
const longPath = times(120, 'a').join('.');

/** Each took from a tenth of a second to half a minute when it was charged as one operator. */
describe('an evaluation is stopped by what it costs, not by how it is written:', () => {
  it.each<[string, Json, Json]>([
    ['comparing wide objects', each({ '===': [{ var: '0' }, { var: '1' }] }), times(50, [wide(500), wide(501)])],
    ['listing wide objects', each({ keys: { var: '' } }), times(50, wide(500))],
    ['telling wide objects apart', each({ unique: [[{ var: '' }]] }), times(50, wide(500))],
    ['telling long keys apart', each({ unique: [[{ var: '' }]] }), times(50, wide(1, 'k'.repeat(30_000)))],
    ['copying a long list', each({ flat: { var: '' } }), times(50, [times(500, 0)])],
    [
      'searching a text for one that nearly repeats',
      each({ in: [`${'a'.repeat(1_000)}b`, { var: '' }] }),
      times(50, 'a'.repeat(2_000)),
    ],
    ['following long paths', each({ var: [longPath, 0] }), times(2_000, {})],
    ['following long paths within values', each({ get: [{ var: '' }, longPath, 0] }), times(1_200, {})],
    ['looking for long paths', { missing: { var: 'event.list' } }, times(2_000, longPath)],
    [
      'sorting by a long path',
      { sort: [{ var: 'event.list' }, 'a'.repeat(250)] },
      times(900, { ['a'.repeat(250)]: 1 }),
    ],
    ['sorting long texts', each({ sort: { var: '' } }), times(50, times(20, 'a'.repeat(700)))],
    ['hashing a long text', each({ sha256: { var: '' } }), times(3, 'a'.repeat(60_000))],
    ['hashing a text that is long in UTF-8', { sha256: { var: 'event.list.0' } }, ['€'.repeat(60_000)]],
    ['hashing often', each({ sha256: 'a' }), times(1_200, 0)],
    ['naming very many items', { map: [{ var: 'event.list' }, 0, 'line'] }, times(8_000, 0)],
    ['making UUIDs', each({ uuid: [] }), times(1_200, 0)],
    ['reading the clock', each({ now: [] }), times(3_500, 0)],
    ['writing dates', each({ formatDate: ['2026-01-01T00:00:00Z', 'yyyy-MM-dd HH:mm:ss'] }), times(1_500, 0)],
    ['writing money', each({ formatMoney: [1, 'IDR'] }), times(2_800, 0)],
    ['joining with a long separator', { join: [{ var: 'event.list' }, 'a'.repeat(1_500)] }, times(900, 0)],
    ['joining long texts', each({ join: [{ var: '' }, ''] }), times(50, times(20, 'a'.repeat(2_000)))],
    ['splitting long texts', each({ split: [{ var: '' }, ','] }), times(3, ','.repeat(9_000))],
    ['encoding long texts', each({ base64: { var: '' } }), times(5, 'a'.repeat(70_000))],
    ['encoding long texts for URLs', each({ urlEncode: { var: '' } }), times(5, 'a'.repeat(70_000))],
    ['reading Unix times', each({ fromUnix: 1 }), times(3_500, 0)],
    ['changing the case of long texts', each({ upper: { var: '' } }), times(6, 'a'.repeat(90_000))],
  ])('%s', (_name, logic, list) => {
    expect(() => evaluateLogic(logic, scopeOf({ list }), host)).toThrow('it takes more than 20000 operations');
  });

  it.each<[string, Json, Json]>([
    ['filling in very many paths', times(20, '{{event}}'.repeat(1_000)), 0],
    [
      'filling in long paths',
      times(1_200, `{{event.${longPath}}}`),
      longPath.split('.').reduce<Json>((a) => ({ a }), 0),
    ],
    ['filling in very many members', times(30, wide(400)), 0],
  ])('%s', (_name, template, event) => {
    expect(() => renderTemplate(template, scopeOf(event))).toThrow('it takes more than 20000 operations');
  });
});

describe('whatever hostile expression is generated, an evaluation', () => {
  it('gives at most 262,144 characters or an error that is meant for the author', () => {
    fc.assert(
      fc.property(hostileExpression, (logic) => {
        const length = settled(() => JSON.stringify(evaluateLogic(logic, scopeOf(hostileEvent), host)).length);
        expect(length ?? 0).toBeLessThanOrEqual(evaluationLimits.resultLength);
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('pays for all that it reads of the event', () => {
    const size = JSON.stringify(hostileEvent).length;
    const keysForOneMessage = 300; // A path that is missing ends the evaluation, and says what there is instead.
    fc.assert(
      fc.property(hostileExpression, (logic) => {
        const budget = meteredBudget();
        const event = countReads(hostileEvent);
        settled(() => evaluateAll(logic, scopeOf(event.value) as unknown as Json, budget));
        expect(budget.charged()).toBeLessThan(evaluationLimits.operations + size);
        expect(event.reads()).toBeLessThanOrEqual(20 * budget.charged() + keysForOneMessage);
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});

function evaluateAll(logic: Json, roots: Json, budget: Budget): Json {
  return createEvaluator({ budget, host, roots }).evaluate(logic, roots);
}

/** Undefined if the evaluation fails as it should. Any other error, such as a stack overflow, is thrown on. */
function settled<Value>(evaluate: () => Value): Value | undefined {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function meteredBudget(): Budget & { charged: () => number } {
  const budget = createBudget();
  let charged = 0;
  return {
    ...budget,
    charged: () => charged,
    charge: (units) => {
      charged += units;
      budget.charge(units);
    },
  };
}

/** The same JSON, which counts how many of its members anybody looks at or lists. */
function countReads(json: Json): { value: Json; reads: () => number } {
  let reads = 0;
  const proxies = new WeakMap<object, Json>();
  const wrap = (value: Json): Json => {
    if (value === null || typeof value !== 'object') return value;
    const known = proxies.get(value);
    if (known !== undefined) return known;
    const proxy = new Proxy(value, {
      get: (target, key) => {
        reads += 1;
        return wrap(Reflect.get(target, key) as Json);
      },
      has: (target, key) => {
        reads += 1;
        return Reflect.has(target, key);
      },
      ownKeys: (target) => {
        const keys = Reflect.ownKeys(target);
        reads += keys.length;
        return keys;
      },
    });
    proxies.set(value, proxy);
    return proxy;
  };
  return { value: wrap(json), reads: () => reads };
}
