import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataReferencesOf, pathsOf } from '../../language/data-references.ts';
import { evaluateLogic, renderTemplate } from '../../language/expression.ts';
import type { Json } from '../../language/json.ts';
import { pathParts, pathText } from '../../language/path-parts.ts';
import { checkSteps, codesOf } from './check-steps.ts';

it.each([
  ['a.b.0', ['a', 'b', '0']],
  ["a['b.c'].d", ['a', 'b.c', 'd']],
  ["['b.c']['d e']", ['b.c', 'd e']],
  ["a.['b.c']", ['a', 'b.c']],
  ["a['it''s']", ['a', "it's"]],
  ["a['']", ['a', '']],
  ['a[0].b', ['a[0]', 'b']],
  ["a['open.b", ["a['open", 'b']],
  ["a['b']c", ['a', 'b', 'c']],
  ['a..b', ['a', '', 'b']],
])('%s has the keys %j', (path, parts) => {
  expect(pathParts(path)).toEqual(parts);
});

it('every list of keys has a path', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', '.', "'", '[', ']', ' ') }), { minLength: 1 }),
      (parts) => {
        expect(pathParts(pathText(parts))).toEqual(parts);
      },
    ),
  );
});

describe('a key that holds a dot', () => {
  const event: Json = { data: { 'shop.id': { 'Order No': 7 } } };
  const scope = { event, steps: {}, status: {}, vars: {}, run: { id: 'r', definition: 'd' } };
  const path = "event.data['shop.id']['Order No']";

  it('is read by var, in braces, and by get', () => {
    expect(evaluateLogic({ var: path }, scope)).toBe(7);
    expect(renderTemplate(`Order {{${path}}}`, scope)).toBe('Order 7');
    expect(evaluateLogic({ get: [{ var: 'event.data' }, "['shop.id']['Order No']"] }, scope)).toBe(7);
  });

  it('is named in the message if it is missing', () => {
    expect(() => evaluateLogic({ var: "event.data['shop.id'].b" }, scope)).toThrow(
      'event.data[\'shop.id\'] has no "b"',
    );
  });

  it('is kept of a large event', () => {
    const references = dataReferencesOf({ definition: { name: 'a', on: 'run', steps: [], output: `{{${path}}}` } });
    expect(pathsOf(references)).toEqual([path]);
  });

  it('keeps everything around it if its path is computed', () => {
    const output = { var: { cat: ["event.data.shops['shop.", { var: 'event.id' }, "']"] } };
    const references = dataReferencesOf({ definition: { name: 'a', on: 'run', steps: [], output } });
    expect(pathsOf(references)).toEqual(['event.data.shops']);
  });

  it.each([
    [`{{${path}}}`, []],
    ["{{event.payment['amount']}}", []],
    ["{{event.payment['amout']}}", ['KAIT1207 /steps/0/set/value']],
    ["{{event.data['shop.id}}", ['KAIT1208 /steps/0/set/value']],
  ])('%s is checked', (value, codes) => {
    expect(codesOf(checkSteps({ id: 'a', set: { value } }))).toEqual(codes);
  });
});
