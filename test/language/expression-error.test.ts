import { expect, it } from 'vitest';
import { errorTable } from '../../errors.ts';
import { expressionErrorCodes } from '../../language/expression-error.ts';

it('every code of an expression error is explained in the table of errors', () => {
  expect(Object.keys(errorTable)).toEqual(expect.arrayContaining([...expressionErrorCodes]));
});
