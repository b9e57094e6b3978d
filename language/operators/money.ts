import { formatMoney } from '../currency.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Json } from '../json.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';

export const moneyOperators = {
  formatMoney: { arity: [2, 2], apply: applyFormatMoney },
} satisfies OperatorTable;

function applyFormatMoney({ name, args: [amount = null, currency = null], budget }: Application): Json {
  budget.charge(4);
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount)) {
    throw wrongType(name, 'a whole number of minor units first', amount);
  }
  const text = typeof currency === 'string' ? formatMoney(amount, currency) : undefined;
  if (text === undefined) {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects a currency of ISO 4217, such as "IDR".`);
  }
  return text;
}
