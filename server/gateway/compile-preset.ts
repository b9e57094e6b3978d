import type { Payment } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import { compileAnswer, type Answering } from './answer.ts';
import { compileAlternatives, eventPlaces, joinId, joinType } from './alternatives.ts';
import { compileHandshakes, handshakeMethods, type Handshake } from './handshake.ts';
import { parseInstant } from './instant.ts';
import { parsePointer, valueAt } from './json-pointer.ts';
import { compileFirstMatch, compileMatch } from './match.ts';
import { compilePayments } from './payment.ts';
import { compilePlace, parsePlace, type ReadPlace } from './place.ts';
import type { Preset } from './preset.ts';
import type { BodyOptions } from './read-body.ts';
import { redact } from './redact.ts';
import type { RequestView } from './request-view.ts';
import { compileScheme, type SchemeOptions } from './schemes/schemes.ts';
import type { Scheme } from './schemes/scheme.ts';

/** A preset ready for use: its texts are parsed once, since what is here runs for every webhook. Nothing in it throws. */
export interface CompiledPreset {
  /** The gateway's name, which is the name of the preset's file. */
  name: string;
  /** What is in the file, for people. */
  declared: Preset;
  body: BodyOptions;
  acknowledge: Answering;
  reject: Answering;
  handshake: Handshake;
  /** Whether a request is a notice, of gateways that send such. Null: none is. */
  isNotice: ((view: RequestView) => boolean) | null;
  /** The methods of its requests; POST for most. */
  methods: ReadonlySet<string>;
  /** What a source must have to verify by: nothing where keys can be fetched. */
  needs: 'secrets' | 'keyring' | 'path-secret' | 'nothing';
  /** Whether all of the schemes must hold or any of them, and what every request has. */
  verify: { every: boolean; schemes: Scheme[]; requires: ReadPlace[] };
  /** The events of a body. Undefined: the batch has no list where the preset expects it. */
  items: (document: Json) => Json[] | undefined;
  /** Where the event of an index stands in the body. */
  itemPointer: (index: number) => string;
  batch: boolean;
  event: EventReaders;
  /** Removes from an item, in place, what must not reach a workflow. */
  redact: (item: Json) => void;
}

export interface EventReaders {
  id: ReadPlace;
  nativeType: ReadPlace;
  /** Null: the event has no canonical type. */
  canonicalType: (view: RequestView) => string | null;
  occurredAtMs: (view: RequestView) => number | undefined;
  entity: ReadPlace;
  tenant: ReadPlace;
  payment: (view: RequestView, canonicalType: string | null) => Payment | null;
}

/** Throws only on a preset that its schema has not checked. */
export function compilePreset(name: string, preset: Preset): CompiledPreset {
  const { any, all = [], requires } = preset.verify;
  const redactions = preset.redact.map(parsePointer);
  return {
    name,
    declared: preset,
    body: preset.body,
    acknowledge: compileAnswer(preset.acknowledge, 200),
    reject: compileAnswer(preset.reject, 401),
    handshake: compileHandshakes(preset.handshakes),
    isNotice: preset.fetch === undefined ? null : compileMatch(preset.fetch.match ?? {}),
    methods: new Set(['POST', ...handshakeMethods(preset.handshakes)]),
    needs: needsOf(any ?? all),
    verify: {
      every: any === undefined,
      schemes: (any ?? all).map(compileScheme),
      requires: requires.map((place) => compilePlace(parsePlace(place, eventPlaces))),
    },
    batch: preset.event.items !== undefined,
    items: compileItems(preset.event.items),
    itemPointer: (index) => preset.event.items?.replace('*', String(index)) ?? '',
    event: compileEvent(preset),
    redact: (item) => {
      for (const path of redactions) redact(item, path);
    },
  };
}

function needsOf(schemes: readonly SchemeOptions[]): CompiledPreset['needs'] {
  if (schemes.every(({ scheme }) => scheme === 'none')) return 'path-secret';
  if (schemes.some((each) => each.scheme === 'asymmetric' && each.key.fetch !== undefined)) return 'nothing';
  return schemes.some((each) => 'keyId' in each && each.keyId !== undefined) ? 'keyring' : 'secrets';
}

function compileEvent({ event, types = [], payments = [] }: Preset): EventReaders {
  const firstType = compileFirstMatch(types);
  return {
    id: compileAlternatives(event.id, joinId),
    nativeType: compileAlternatives(event.type, joinType),
    canonicalType: (view) => firstType(view)?.type ?? null,
    occurredAtMs: compileOccurredAt(event.occurredAt),
    entity: compileAlternatives(event.entity ?? [], joinId),
    tenant: compileAlternatives(event.tenant ?? [], joinId),
    payment: compilePayments(payments),
  };
}

function compileOccurredAt(options: Preset['event']['occurredAt']) {
  if (options === undefined) return () => undefined;
  const read = compileAlternatives(options.from, joinId);
  return (view: RequestView): number | undefined => {
    const text = read(view);
    return text === undefined ? undefined : parseInstant(text, options.format, options.zone);
  };
}

/** What stands behind the `*` is looked up in each item; one that has nothing there is null, and so an event without a type. */
function compileItems(pointer: string | undefined): CompiledPreset['items'] {
  if (pointer === undefined) return (document) => [document];
  const [list = '', inner = ''] = pointer.split('/*');
  const listPath = parsePointer(list);
  const innerPath = parsePointer(inner);
  return (document) => {
    const items = valueAt(document, listPath);
    if (!Array.isArray(items) || items.length === 0) return undefined;
    return items.map((item) => valueAt(item, innerPath) ?? null);
  };
}
