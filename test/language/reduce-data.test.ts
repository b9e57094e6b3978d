import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dataReferencesOf, pathsOf } from '../../language/data-references.ts';
import type { Definition, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { ExpressionError } from '../../language/expression-error.ts';
import { evaluateLogic, renderTemplate } from '../../language/expression.ts';
import { lookUp } from '../../language/path.ts';
import { reduceData } from '../../language/reduce-data.ts';
import { hostileEvent, hostileExpression } from './hostile-expression.ts';

const definitionWith = (step: object): Definition => ({ name: 'a', on: 'run', steps: [{ id: 's', ...step } as Step] });
const kept = (step: object) => pathsOf(dataReferencesOf({ definition: definitionWith(step) }));

it.each<[string, object, string[]]>([
  ['a template', { call: 'x', with: { a: 'No. {{event.data.id}}' } }, ['event.data.id']],
  ['a condition', { if: { '==': [{ var: ['event.data.a', 1] }, 2] }, stop: 'x' }, ['event.data.a']],
  ['an undo', { call: 'x', undo: { http: 'https://a.example/{{event.data.u}}' } }, ['event.data.u']],
  [
    'a loop',
    { forEach: { in: '{{event.data.items}}', collect: '{{event.data.c}}' }, do: [] },
    ['event.data.c', 'event.data.items'],
  ],
  ['a case', { switch: [{ when: { var: 'event.data.w' }, do: [] }] }, ['event.data.w']],
  [
    'an inner step',
    { try: [{ id: 't', stop: '{{event.data.t}}' }], catch: [{ do: [{ id: 'c', stop: '{{event.data.c}}' }] }] },
    ['event.data.c', 'event.data.t'],
  ],
  ['a computed path', { set: { a: { var: { cat: ['event.data.items.', { var: 'vars.i' }] } } } }, ['event.data.items']],
  ['a path that is wholly computed', { set: { a: { var: { var: 'vars.path' } } } }, ['event.data']],
  ['missing', { if: { missing: ['event.data.a', 'event.data.b'] }, stop: 'x' }, ['event.data.a', 'event.data.b']],
  ['the whole event', { set: { a: '{{event}}' } }, ['event.data']],
  ['an item', { set: { a: { map: [{ var: 'event.data.items' }, { var: '' }] } } }, ['event.data.items']],
  ['a literal', { set: { a: { literal: { var: 'event.data.a' } } } }, []],
  [
    'a URL',
    { http: 'https://a.example/{{event.data.u}}', query: { map: '{{event.data.q}}' } },
    ['event.data.q', 'event.data.u'],
  ],
  ['a raw URL', { http: { raw: 'https://a.example/{{event.data.u}}' } }, ['event.data.u']],
  ['a body', { http: 'https://a.example/', body: { map: ['{{event.data.b}}'] } }, ['event.data.b']],
  ['a question', { approve: 'Pay {{event.data.a}}?', timeout: '1d' }, ['event.data.a']],
  [
    'a wait',
    {
      waitFor: 'x',
      match: { 'event.data.theirs': '{{event.data.m}}' },
      where: { '==': [{ var: 'event.data.w' }, { var: 'signal.data.s' }] },
    },
    ['event.data.m', 'event.data.w'],
  ],
  ['a wait until', { wait: { until: '{{event.data.at}}' } }, ['event.data.at']],
  ['a case of a loop', { while: { var: 'event.data.more' }, max: 3, do: [] }, ['event.data.more']],
  ['values for a child', { run: 'b', with: { var: '{{event.data.v}}' } }, ['event.data.v']],
  ['everything', { set: { a: { var: '' } } }, ['event.data']],
  ['a variable without a path', { set: { a: { var: [] } } }, ['event.data']],
  ['a default', { set: { a: { var: ['vars.a', { var: 'event.data.d' }] } } }, ['event.data.d']],
  ['missing, of a computed list', { if: { missing: { var: 'vars.list' } }, stop: 'x' }, ['event.data']],
  ['missing_some', { if: { missing_some: [1, ['event.data.a', 'event.b']] }, stop: 'x' }, ['event.data.a']],
  [
    'the data of a rule',
    { if: { jsonlogic: { rule: { var: 'event.data.x' }, data: '{{event.data.r}}' } }, stop: 'x' },
    ['event.data.r'],
  ],
  [
    'where a reduction starts',
    { set: { a: { reduce: [{ var: 'event.data.l' }, { var: 'event.data.no' }, { var: 'event.data.i' }] } } },
    ['event.data.i', 'event.data.l'],
  ],
  ['the envelope', { set: { a: '{{event.payment.id}}' } }, []],
])('finds what %s refers to', (_what, step, expected) => {
  expect(kept(step)).toEqual(expected);
});

it('finds what children refer to', () => {
  const child = { definition: definitionWith({ stop: '{{event.data.child}}' }), definitionHash: 'h' };
  const definition = definitionWith({ run: 'b' });
  expect(pathsOf(dataReferencesOf({ definition, children: { b: child } }))).toEqual(['event.data.child']);
});

const part = fc.constantFrom('a', 'b', '0', '1', '__proto__', 'length');
const data = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, 1, 'text', true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(part, tie('value')), { maxLength: 3 }).map((members) => Object.fromEntries(members) as Json),
  ),
})).value;

it('finds the same at each path that is referred to, or ends at the same part of it', () => {
  const paths = fc.array(
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(data, paths, (value, read) => {
      const vars = Object.fromEntries(read.map((path, index) => [`v${index}`, `{{event.data.${path}}}`]));
      const definition: Definition = { name: 'a', on: 'run', vars, steps: [] };
      const reduced = reduceData(value, dataReferencesOf({ definition }));
      const endOf = (path: string, of: Json) => {
        const lookup = lookUp(path, of);
        return lookup.found ? lookup.value : lookup.parentPath;
      };
      expect(read.map((path) => endOf(path, reduced))).toEqual(read.map((path) => endOf(path, value)));
    }),
  );
});

/** The expression with the event's members as members of its data. */
const readingData = (logic: Json) => JSON.parse(JSON.stringify(logic).replaceAll('"event', '"event.data')) as Json;
const host = { nowMs: () => 0, uuid: () => '00000000-0000-8000-8000-000000000000' };

it.each([
  ['an expression', (logic: Json) => ({ if: logic, stop: 'x' }), evaluateLogic],
  ['a template', (template: Json) => ({ set: { a: template } }), renderTemplate],
])('%s has the same value over the reduced data, or fails in the same way', (_what, stepWith, evaluate) => {
  fc.assert(
    fc.property(hostileExpression.map(readingData), (logic) => {
      const data = reduceData(hostileEvent, dataReferencesOf({ definition: definitionWith(stepWith(logic)) }));
      const outcomeOver = (event: Json) => {
        try {
          return evaluate(logic, { event, steps: {}, status: {}, vars: {}, run: { id: 'r', definition: 'd' } }, host);
        } catch (error) {
          return error instanceof ExpressionError ? error.code : error;
        }
      };
      expect(outcomeOver({ data })).toEqual(outcomeOver({ data: hostileEvent }));
    }),
    { numRuns: 2_000 },
  );
});
