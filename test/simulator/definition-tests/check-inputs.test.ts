import { expect, it } from 'vitest';
import type { Definition } from '../../../language/definition.ts';
import { checkEvent, checkMocksFile, checkScriptFile } from '../../../simulator/definition-tests/check-inputs.ts';
import { activityTypes } from '../../language/activity-types.ts';

const definition: Definition = { name: 'demo', on: 'run', steps: [{ id: 'order', call: 'orders.create' }] };
const surroundings = { definition, children: {}, activities: activityTypes };
const input = (text: string) => ({ file: 'input.json', text });

it('reads an event, mocks and a script', () => {
  expect(checkEvent(input('{ "payment": { "amount": 5 } } // JSON with comments'))).toEqual({
    value: { payment: { amount: 5 } },
    findings: [],
  });
  expect(checkMocksFile(input('{ "order": { "id": "a" } }'), surroundings).value).toEqual({ order: { id: 'a' } });
  expect(checkScriptFile(input('[{ "at": "+1h", "cancel": true }]'), surroundings).value).toEqual([
    { at: '+1h', cancel: true },
  ]);
});

it('reports mistakes in them, and values of another kind', () => {
  expect(checkEvent(input('{ "idd": 1 }'))).toMatchObject({ value: undefined, findings: [{ column: 3 }] });
  expect(checkEvent(input('[]')).findings).toMatchObject([{ message: 'An event must be an object.' }]);
  expect(checkMocksFile(input('{ "oder": 1 }'), surroundings).findings).toMatchObject([{ code: 'KAIT1202' }]);
  expect(checkMocksFile(input('1'), surroundings).findings).toHaveLength(1);
  expect(checkScriptFile(input('[{ "at": "+1h" }, 5]'), surroundings).findings).toMatchObject([
    { pointer: '/0', code: 'KAIT1102' },
    { pointer: '/1', message: 'This entry must be an object, got a number.' },
  ]);
  expect(checkScriptFile(input('{}'), surroundings).findings).toMatchObject([
    { message: 'The script must be a list.' },
  ]);
});
