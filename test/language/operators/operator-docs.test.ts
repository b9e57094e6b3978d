import { describe, expect, it } from 'vitest';
import { evaluateLogic } from '../../../language/expression.ts';
import type { Scope } from '../../../language/scope.ts';
import { operatorDocs } from '../../../language/operators/operator-docs.ts';
import { operatorNames } from '../../../language/operators/operators.ts';

const host = {
  nowMs: () => Date.parse('2026-01-31T02:00:00Z'),
  uuid: () => '00000000-0000-8000-8000-000000000000',
};

it('documents every operator, and nothing else', () => {
  expect(Object.keys(operatorDocs).sort()).toEqual([...operatorNames].sort());
});

describe('examples', () => {
  it.each(Object.entries(operatorDocs))('%s gives what its example says', (_name, { example }) => {
    const data = (example.data ?? {}) as unknown as Scope; // Examples show paths into small data of their own.
    expect(evaluateLogic(example.logic, data, host)).toEqual(example.value);
  });
});
