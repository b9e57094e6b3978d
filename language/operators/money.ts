import { currencyExponent } from '../currency.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Json } from '../json.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';

export const moneyOperators = {
  formatMoney: { arity: [2, 2], apply: formatMoney },
} satisfies OperatorTable;

/** As receipts have it. Digits only, never a division: amounts near 2^53 keep their last one. */
function formatMoney({ name, args: [amount = null, currency = null], budget }: Application): Json {
  budget.charge(4);
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount)) {
    throw wrongType(name, 'a whole number of minor units first', amount);
  }
  const exponent = typeof currency === 'string' ? currencyExponent(currency) : undefined;
  if (typeof currency !== 'string' || exponent === undefined) {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects a currency of ISO 4217, such as "IDR".`);
  }
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  const cents = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${currency} ${amount < 0 ? '-' : ''}${whole}${cents}`;
}
