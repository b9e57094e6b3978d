import type { Payment } from '../../language/event.ts';
import { compileAlternatives, joinId, joinName, type Join } from './alternatives.ts';
import { amountMinor } from './amount.ts';
import { displayText, identifier } from './event-text.ts';
import { compileFirstMatch } from './match.ts';
import type { ReadPlace } from './place.ts';
import type { PaymentMapping } from './preset.ts';
import type { RequestView } from './request-view.ts';

/** The payment of an event. Null: the event is not about one. */
export type ReadPayment = (view: RequestView, canonicalType: string | null) => Payment | null;

/** Of several mappings, the first that matches counts. Never throws: what cannot be read is null. */
export function compilePayments(mappings: readonly PaymentMapping[]): ReadPayment {
  const first = compileFirstMatch(mappings.map((mapping) => ({ match: mapping.match, read: compilePayment(mapping) })));
  return (view, canonicalType) => first(view)?.read(view, canonicalType) ?? null;
}

function compilePayment(mapping: PaymentMapping): ReadPayment {
  const id = compileText(mapping.id, identifier);
  const orderId = compileText(mapping.orderId, identifier);
  const currency = compileText(mapping.currency, identifier);
  const method = compileText(mapping.method, identifier);
  const customerId = compileText(mapping.customer?.id, identifier);
  const email = compileText(mapping.customer?.email, displayText);
  const name = compileText(mapping.customer?.name, displayText, joinName);
  const amount = compileAmount(mapping.amount);
  return (view, canonicalType) => {
    const code = currency(view);
    return {
      id: id(view),
      orderId: orderId(view),
      amount: amount(view, code),
      currency: code,
      status: statusOf(canonicalType),
      method: method(view),
      customer: { id: customerId(view), email: email(view), name: name(view) },
    };
  };
}

function compileText(alternatives: string[] | undefined, clean: (text: string) => string, join: Join = joinId) {
  if (alternatives === undefined) return () => null;
  const read = compileAlternatives(alternatives, join);
  return (view: RequestView): string | null => {
    const text = read(view);
    return text === undefined ? null : clean(text);
  };
}

function compileAmount(options: PaymentMapping['amount']) {
  if (options === undefined) return () => null;
  const read: ReadPlace = compileAlternatives(options.from, joinId);
  return (view: RequestView, currency: string | null): number | null => {
    const text = read(view);
    return text === undefined ? null : amountMinor(text, currency, options);
  };
}

/** The statuses are the canonical payment types without their prefix: the preset's schema lets no others through. */
function statusOf(canonicalType: string | null): Payment['status'] {
  const [noun, status] = canonicalType?.split('.') ?? [];
  return noun === 'payment' && status !== undefined ? (status as Payment['status']) : null;
}
