import { shapeOfJsonSchema } from '../language/check/shape-of-json-schema.ts';
import type { Definition, EventTrigger, Trigger } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { isObject, type JsonObject } from '../language/json.ts';
import { manualEvent, scheduledEvent } from '../language/own-event.ts';
import { isEventTrigger, isOwnTrigger, isScheduled, ownSource } from '../language/triggers.ts';
import { completeFacts, factNames, type FactName, type Facts, type PartialFacts } from './sample-facts.ts';
import { madeUpValue } from './unmocked-activities.ts';

/** An event with only the members that matter. */
export type PartialEvent = Partial<Omit<CanonicalEvent, FactName>> & PartialFacts;

/** The instant at which simulations begin by default. */
export const sampleInstant = '2026-01-01T00:00:00.000Z';

/**
 * Fills in the missing members of an event so that the definition's trigger is likely to match: the type and source are the first
 * that the trigger names, and the type decides whether there is a payment, a refund, a dispute, a payout or a subscription.
 * `filled` lists the paths of the members that were missing. The event of a schedule or of a run that somebody starts is made as Kait makes it;
 * an input that is missing is made up from its schema.
 */
export function completeEvent(
  given: PartialEvent,
  { name = 'sample', on }: Partial<Definition> & Pick<Definition, 'on'>,
): { event: CanonicalEvent; filled: string[] } {
  if (isOwnTrigger(on) && (given.source ?? ownSource) === ownSource) return completeOwnEvent(given, name, on);
  const trigger = isEventTrigger(on) ? on : undefined;
  const type = given.type ?? [trigger?.event ?? 'payment.succeeded'].flat()[0] ?? 'payment.succeeded';
  const source = given.source ?? [trigger?.source ?? 'sample'].flat()[0] ?? 'sample';
  const receivedAt = given.receivedAt ?? sampleInstant;
  const facts = completeFacts(given, { type, entity: given.entity, receivedAt });
  const { payment, payout, subscription } = facts;
  const defaults: CanonicalEvent = {
    id: 'evt_1',
    source,
    gateway: gatewayOf(type) ?? source,
    type,
    nativeType: nativeTypeOf(type),
    occurredAt: receivedAt,
    receivedAt,
    live: true,
    entity: payment?.id ?? payout?.id ?? subscription?.id ?? 'entity_1',
    tenant: null,
    ...facts,
    data: {},
  };
  return { event: { ...defaults, ...given, ...facts }, filled: filledOf(given, defaults) };
}

function completeOwnEvent(
  given: PartialEvent,
  name: string,
  on: Exclude<Trigger, EventTrigger>,
): { event: CanonicalEvent; filled: string[] } {
  const at = given.receivedAt ?? given.occurredAt ?? sampleInstant;
  const defaults = isScheduled(on)
    ? scheduledEvent(name, on, { scheduledForMs: Date.parse(given.occurredAt ?? at), receivedAt: at })
    : manualEvent(name, { key: 'evt_1', input: madeUpInput(on.manual), receivedAt: at });
  const { payment, refund, dispute, payout, subscription } = defaults;
  const facts = { payment, refund, dispute, payout, subscription }; // Kait's own events have none, whatever is given.
  return { event: { ...defaults, ...given, ...facts }, filled: filledOf(given, defaults) };
}

/** In the form of its schema, but not always as all of its rules want it: then the trigger says so. */
function madeUpInput(schema: JsonObject): JsonObject {
  const value = madeUpValue(shapeOfJsonSchema(schema), 'input');
  return isObject(value) ? value : {};
}

/**
 * A later event. Missing members are taken from the run's own event, except for the times, the id and the members that follow from the type.
 * `position` numbers the later events from 0.
 */
export function laterEvent(given: PartialEvent, first: CanonicalEvent, atMs: number, position: number): CanonicalEvent {
  const at = new Date(atMs).toISOString();
  const type = given.type ?? first.type;
  const ofItsType = given.type === undefined ? {} : { nativeType: nativeTypeOf(type) };
  const facts = completeFacts(given, { type, entity: given.entity ?? first.entity, receivedAt: at }, first);
  const fresh = { id: `${first.id}-later-${position + 1}`, occurredAt: at, receivedAt: at, ...ofItsType };
  return { ...first, ...fresh, ...given, ...facts };
}

/** The gateway in a type such as `stripe:charge.updated`, the form of types that are not canonical. */
function gatewayOf(type: string): string | undefined {
  return type.includes(':') ? type.slice(0, type.indexOf(':')) : undefined;
}

function nativeTypeOf(type: string): string {
  return type.slice(type.indexOf(':') + 1);
}

/** Facts that are null need no mention. */
function filledOf(given: PartialEvent, complete: CanonicalEvent): string[] {
  const own = Object.keys(complete).filter((name) => !isFactName(name) && !Object.hasOwn(given, name));
  return [...own, ...factNames.flatMap((name) => filledInFact(name, given[name], complete[name]))];
}

function filledInFact(name: FactName, given: PartialFacts[FactName], complete: Facts[FactName]): string[] {
  if (complete === null) return [];
  if (given === undefined || given === null) return [name];
  const missing = missingFrom(given, complete).map((member) => `${name}.${member}`);
  const customer = 'customer' in given ? given.customer : undefined;
  if (customer === undefined || !('customer' in complete)) return missing;
  const inCustomer = missingFrom(customer, complete.customer);
  return [...missing, ...inCustomer.map((member) => `${name}.customer.${member}`)];
}

function isFactName(name: string): name is FactName {
  return factNames.some((each) => each === name);
}

function missingFrom(given: object, complete: object): string[] {
  return Object.keys(complete).filter((name) => !Object.hasOwn(given, name));
}
