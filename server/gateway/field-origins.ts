import { isObject, type Json } from '../../language/json.ts';
import { parseAlternative } from './event-value.ts';
import { parsePointer, valueAt } from './json-pointer.ts';
import { compileFirstMatch, compileMatch, type Match } from './match.ts';
import type { Occurrence } from './occurrence.ts';
import type { CompiledPreset } from './presets.ts';
import type { RequestView } from './request-view.ts';
import { compileSelector, type Selector } from './selector.ts';

/** Where a field of a canonical event was read. */
export interface FieldOrigin {
  /** A JSON pointer into the canonical event: `/payment/amount`. */
  field: string;
  /** The selectors of the preset that gave it: `json:/data/object/amount`. */
  from: string[];
  /** JSON pointers into the event's `data`, of those that are in there. */
  data: string[];
}

/** A request from which an event was read, and which of its events. */
interface ReadRequest {
  preset: CompiledPreset;
  view: RequestView;
  /** The event's own part of the body, and its JSON pointer. */
  item: Json;
  itemPointer: string;
  canonicalType: string | null;
}

/**
 * Where each field of an event was read, as the preset says now. A field that the gateway does not tell is left out, and so is one that Kait computes.
 * Never throws.
 */
export function fieldOrigins(read: ReadRequest): FieldOrigin[] {
  const { event, types = [], ...mappings } = read.preset.declared;
  const view = { ...read.view, item: () => read.item };
  const kind = compileFirstMatch(types)(view);
  const typeMatch = kind === undefined ? [] : Object.keys(kind.match);
  const found: Found = {
    '/id': firstThatExists([kind?.id ?? event.id], view),
    '/type': kind?.type === null || kind === undefined ? firstThatExists(event.type, view) : typeMatch,
    '/nativeType': kind?.native === undefined ? firstThatExists(event.type, view) : typeMatch,
    '/occurredAt': occurrence(event.occurredAt, view),
    '/live': Object.keys(compileFirstMatch(event.live ?? [])(view)?.match ?? {}),
    '/entity': entityOf(event.entity ?? [], view),
    '/tenant': firstThatExists(event.tenant, view),
    ...factsOf('/payment', mappings.payments, { view, isDefault: true }),
    ...factsOf('/refund', mappings.refunds, { view, isDefault: read.canonicalType === 'payment.refunded' }),
    ...factsOf('/dispute', mappings.disputes, { view, isDefault: read.canonicalType === 'payment.disputed' }),
    ...factsOf('/payout', mappings.payouts, { view, isDefault: read.canonicalType?.startsWith('payout.') === true }),
    ...factsOf('/subscription', mappings.subscriptions, {
      ...{ view, isDefault: read.canonicalType?.startsWith('subscription.') === true },
    }),
  };
  return Object.entries(found)
    .filter(([, from]) => from.length > 0)
    .map(([field, from]) => ({ field, from, data: pointersInto(from, read) }));
}

/** The selectors of each field. */
type Found = Record<string, string[]>;

/** A mapping of a preset: alternatives, amounts, times and rules by the name of the field. */
type Mapping = { match?: Match | undefined } & Record<string, unknown>;

function factsOf(
  field: string,
  mappings: readonly Mapping[] = [],
  { view, isDefault }: { view: RequestView; isDefault: boolean },
): Found {
  const mapping = mappings.find(({ match }) => (match === undefined ? isDefault : compileMatch(match)(view)));
  const fields = Object.entries(mapping ?? {}).filter(([name]) => name !== 'match');
  return membersOf(field, Object.fromEntries(fields), view);
}

function membersOf(field: string, fields: object, view: RequestView): Found {
  const members = Object.entries(fields).map(([name, declared]: [string, unknown]): Found => {
    const at = `${field}/${name}`;
    return name === 'customer' && isPlain(declared)
      ? membersOf(at, declared, view)
      : { [at]: declaredAt(declared, view) };
  });
  return Object.assign({}, ...members) as Found;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of alternatives, of an amount with its terms, of a time with its format, or of rules. */
function declaredAt(declared: unknown, view: RequestView): string[] {
  if (isTexts(declared)) return firstThatExists(declared, view);
  if (Array.isArray(declared)) {
    const rules = declared.filter(isPlain);
    if (rules.every((rule) => 'is' in rule)) return ruleThatHolds(rules, view);
    return firstOf(rules.map((rule) => declaredAt(rule, view)));
  }
  if (!isPlain(declared)) return [];
  return ['from', 'plus', 'minus', 'atMost'].flatMap((term) =>
    isTexts(declared[term]) ? firstThatExists(declared[term], view) : [],
  );
}

function ruleThatHolds(rules: readonly Record<string, unknown>[], view: RequestView): string[] {
  const matches = rules.map(({ match }) => ({ match: (match ?? {}) as Match })); // As the preset's schema says.
  return Object.keys(compileFirstMatch(matches)(view)?.match ?? {});
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function occurrence(options: Occurrence | undefined, view: RequestView): string[] {
  return firstOf([options ?? []].flat().map(({ from }) => firstThatExists(from, view)));
}

function entityOf(alternatives: readonly (string | { match: Match; from: string[] })[], view: RequestView): string[] {
  return firstOf(
    alternatives.map((each) => {
      if (typeof each === 'string') return firstThatExists([each], view);
      return compileMatch(each.match)(view) ? firstThatExists(each.from, view) : [];
    }),
  );
}

function firstOf(lists: readonly string[][]): string[] {
  return lists.find((list) => list.length > 0) ?? [];
}

/** The selectors of the first alternative that exists and is not empty: that is the one that counts. */
function firstThatExists(alternatives: readonly string[] | undefined, view: RequestView): string[] {
  for (const alternative of alternatives ?? []) {
    const texts = alternative.split(' + ').map((part) => part.trim());
    const values = parseAlternative(alternative).map((selector) => compileSelector(selector)(view));
    if (values.every((value) => value !== undefined) && values.some((value) => value !== '')) {
      return texts.filter((text) => !text.startsWith('text:'));
    }
  }
  return [];
}

function pointersInto(from: readonly string[], { item, itemPointer }: ReadRequest): string[] {
  const pointers = from.flatMap((text) => parseAlternative(text)).map((selector) => pointerOf(selector, itemPointer));
  return [...new Set(pointers.filter((pointer) => pointer !== null && isThere(item, pointer)) as string[])];
}

/** Null: it is not in the event's own part of the body. */
function pointerOf({ kind, name }: Selector, itemPointer: string): string | null {
  if (kind === 'item') return name;
  if (kind === 'form') return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (kind !== 'json') return null;
  return name === itemPointer || name.startsWith(`${itemPointer}/`) ? name.slice(itemPointer.length) : null;
}

function isThere(item: Json, pointer: string): boolean {
  return isObject(item) && valueAt(item, parsePointer(pointer)) !== undefined;
}
