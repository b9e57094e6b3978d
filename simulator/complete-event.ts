import type { Definition } from '../language/definition.ts';
import { canonicalPaymentTypes, noFacts, type CanonicalEvent, type Payment } from '../language/event.ts';

/** An event with only the members that matter. */
export type PartialEvent = Partial<Omit<CanonicalEvent, 'payment'>> & { payment?: PartialPayment | null };
type PartialPayment = Partial<Omit<Payment, 'customer'>> & { customer?: Partial<Payment['customer']> };

/** The instant at which simulations begin by default. */
export const sampleInstant = '2026-01-01T00:00:00.000Z';

/**
 * Fills in the missing members of an event so that the definition's trigger is likely to match: the type and source are the first
 * that the trigger names. `filled` lists the paths of the members that were missing.
 */
export function completeEvent(
  given: PartialEvent,
  { on }: Pick<Definition, 'on'>,
): { event: CanonicalEvent; filled: string[] } {
  const trigger = on === 'run' ? undefined : on;
  const type = given.type ?? [trigger?.event ?? 'payment.succeeded'].flat()[0] ?? 'payment.succeeded';
  const source = given.source ?? [trigger?.source ?? 'sample'].flat()[0] ?? 'sample';
  const payment = paymentOf(given.payment, type);
  const receivedAt = given.receivedAt ?? sampleInstant;
  const defaults: CanonicalEvent = {
    id: 'evt_1',
    source,
    gateway: gatewayOf(type) ?? source,
    type,
    nativeType: nativeTypeOf(type),
    occurredAt: receivedAt,
    receivedAt,
    entity: payment?.id ?? 'entity_1',
    tenant: null,
    ...noFacts,
    payment,
    data: {},
  };
  return { event: { ...defaults, ...given, payment }, filled: filledOf(given, defaults) };
}

/**
 * A later event. Missing members are taken from the run's own event, except for the times, the id and the members that follow from the type.
 * `position` numbers the later events from 0.
 */
export function laterEvent(given: PartialEvent, first: CanonicalEvent, atMs: number, position: number): CanonicalEvent {
  const at = new Date(atMs).toISOString();
  const type = given.type ?? first.type;
  const ofItsType = given.type === undefined ? {} : { nativeType: nativeTypeOf(type) };
  const payment = given.payment === null ? null : mergePayment(first.payment, given.payment, type);
  const fresh = { id: `${first.id}-later-${position + 1}`, occurredAt: at, receivedAt: at, ...ofItsType };
  return { ...first, ...fresh, ...given, payment };
}

/** The gateway in a type such as `stripe:charge.updated`, the form of types that are not canonical. */
function gatewayOf(type: string): string | undefined {
  return type.includes(':') ? type.slice(0, type.indexOf(':')) : undefined;
}

function nativeTypeOf(type: string): string {
  return type.slice(type.indexOf(':') + 1);
}

function paymentOf(given: PartialPayment | null | undefined, type: string): Payment | null {
  if (given === null) return null;
  if (given === undefined && !isAboutPayment(type)) return null;
  return mergePayment(samplePayment(), given, type);
}

function mergePayment(known: Payment | null, given: PartialPayment | undefined, type: string): Payment | null {
  if (known === null && given === undefined) return null;
  const base = { ...(known ?? samplePayment()), ...(isAboutPayment(type) ? { status: statusOf(type) } : {}) };
  return { ...base, ...given, customer: { ...base.customer, ...given?.customer } };
}

function isAboutPayment(type: string): boolean {
  return canonicalPaymentTypes.some((canonical) => canonical === type);
}

function statusOf(type: string): Payment['status'] {
  return type.slice('payment.'.length) as Payment['status']; // Canonical types are named after the status.
}

function samplePayment(): Payment {
  return {
    id: 'pay_1',
    orderId: 'ORDER-1',
    amount: 2_500_000,
    requestedAmount: null,
    currency: 'IDR',
    status: null,
    method: 'card',
    customer: { id: null, email: 'sari@shop.example', name: 'Sari' },
  };
}

function filledOf(given: PartialEvent, { payment, ...own }: CanonicalEvent): string[] {
  const names = missingFrom(given, own);
  if (payment === null) return names;
  if (given.payment === undefined || given.payment === null) return [...names, 'payment'];
  const { customer } = given.payment;
  const inPayment = missingFrom(given.payment, payment).map((name) => `payment.${name}`);
  const inCustomer = customer === undefined ? [] : missingFrom(customer, payment.customer);
  return [...names, ...inPayment, ...inCustomer.map((name) => `payment.customer.${name}`)];
}

function missingFrom(given: object, complete: object): string[] {
  return Object.keys(complete).filter((name) => !Object.hasOwn(given, name));
}
