import { basename, dirname } from 'node:path';
import { KaitError } from '../../errors.ts';
import { layeredFiles } from '../../definition-layers.ts';
import { jsonNameOf, readJsonFile, type JsonFile } from '../../json-files.ts';
import { extendPreset, type Bases } from './extend-preset.ts';
import { lazyMap, once } from '../../lazy-map.ts';
import { packagePath } from '../../package-path.ts';
import { formatMistakes, readJsonText, type Mistake } from '../../language/json-file.ts';
import { presetSchema, type Preset } from './preset-schema.ts';
import type { Json } from '../../language/json.ts';
import { parseDuration } from '../../language/time.ts';
import { compileAnswer, type Answering } from './answer.ts';
import { compileAlternatives, compileId, eventSelectors, joinId, joinType } from './event-value.ts';
import { compileChallenges, compileHandshakes, handshakeMethods, type Handshake } from './handshake.ts';
import { parsePointer, valueAt, redact, replaceAt } from './json-pointer.ts';
import { compileFirstMatch, compileMatch } from './match.ts';
import { compileOccurrence } from './occurrence.ts';
import { compileFacts, type ReadFacts } from './facts.ts';
import { compileSelector, parseSelector, type ReadText } from './selector.ts';
import type { BodyOptions } from './read-body.ts';
import type { RequestView } from './request-view.ts';
import { compileScheme, type SchemeOptions } from './schemes/schemes.ts';
import type { Scheme } from './schemes/scheme.ts';

/** By the gateway's name. */
export type Presets = ReadonlyMap<string, CompiledPreset>;

/** A preset ready for use. Its texts are compiled once, because this runs for every webhook. Nothing in it throws. */
export interface CompiledPreset {
  /** The gateway's name, which is the name of the preset's file. */
  name: string;
  /** The file's content, for people. */
  declared: Preset;
  body: BodyOptions;
  acknowledge: Answering;
  reject: Answering;
  handshake: Handshake;
  /** The webhooks that Kait asks the gateway about before anything starts. `into`: see {@link CompiledFetch}. Null: none. */
  fetch: { asksAbout: (view: RequestView) => boolean; into: string | null } | null;
  /** Why nothing is asked about such a webhook. Null: the gateway is asked. */
  unasked: (view: RequestView) => string | null;
  /** The methods of its requests; POST for most. */
  methods: ReadonlySet<string>;
  /** What a source needs for verification; nothing if keys can be fetched. */
  needs: 'secrets' | 'keyring' | 'path-secret' | 'nothing';
  /** Whether every scheme must accept the request or just one, what every request must have, and what it must not mix. `readsBody`: what is signed are fields of the body, or it holds the signature. */
  verify: { every: boolean; schemes: Scheme[]; requires: ReadText[]; exclusive: ReadText[][]; readsBody: boolean };
  /** The events of a body. Undefined if the batch has no list where the preset expects it. */
  items: (document: Json) => Json[] | undefined;
  /** The body with a changed event, which is the only one of its batch, and so has the index 0. */
  bodyWith: (document: Json, index: number, item: Json) => Json;
  /** The JSON pointer of the event with this index. With several lists, that of the first list. */
  itemPointer: (index: number) => string;
  batch: boolean;
  /** Whether some of its events wait for others that tell more of the same fact. */
  holds: boolean;
  event: EventReaders;
  /** The item without what must not reach a workflow. The item itself is not changed. */
  redact: (item: Json) => Json;
}

export interface EventReaders {
  kind: (view: RequestView) => EventKind;
  nativeType: ReadText;
  occurredAtMs: (view: RequestView) => number | undefined;
  /** Null: the gateway does not say. */
  live: (view: RequestView) => boolean | null;
  entity: ReadText;
  tenant: ReadText;
  facts: ReadFacts;
}

/** What an entry of the preset's `types` says about its events. */
export interface EventKind {
  /** Null: the event has no canonical type. */
  canonicalType: string | null;
  /** Null: the body names the native type. */
  nativeType: string | null;
  /** The id, or the selector of the part that the request lacks. */
  id: ReturnType<typeof compileId>;
  /** How long the event waits for another webhook with more details of the same fact. */
  holdMs: number;
}

/**
 * Loads the presets of a folder, or of several: see `layersOf`. A file's name without `.json` is the gateway's name. Throws
 * KAIT_GATEWAYS_INVALID with every mistake of every file: if one preset were left out, all of its webhooks would be rejected.
 */
export async function loadPresets(folders: string | readonly string[]): Promise<Presets> {
  const { presets, faulty } = await readPresets(folders);
  if (faulty.size > 0) throw new KaitError('KAIT_GATEWAYS_INVALID', [...faulty.values()].join('\n'));
  return presets;
}

/** What is wrong with presets, by the gateway's name. */
export type FaultyPresets = ReadonlyMap<string, string>;

/**
 * Loads the presets that have no mistakes. Those of the package are compiled when they are asked for: its tests have checked them,
 * there are many, and most installations mount few. Rejects only if a folder cannot be read.
 */
export async function readPresets(
  folders: string | readonly string[],
): Promise<{ presets: Presets; faulty: FaultyPresets }> {
  const presets = new Map<string, () => CompiledPreset>();
  const faulty = new Map<string, string>();
  const files = await filesByName([folders].flat());
  const bases = basesOf(files);
  for (const [name, [top]] of files) {
    if (top === undefined) continue;
    const read = once(() => readPreset(top, bases));
    if (dirname(top.file) === shippedFolder) presets.set(name, () => soundPreset(read()));
    else {
      const { preset, mistakes } = read();
      if (preset === null) faulty.set(name, formatMistakes(mistakes));
      else presets.set(name, () => preset);
    }
  }
  return { presets: lazyMap(presets), faulty };
}

const shippedFolder = packagePath('definitions', 'gateways');

function readPreset({ file, text, problem }: JsonFile, bases: Bases): ReturnType<typeof parsePreset> {
  if (problem === null) return parsePreset(file, text, bases);
  return { preset: null, mistakes: [{ file, line: 1, column: 1, message: problem }] };
}

function soundPreset({ preset, mistakes }: ReturnType<typeof parsePreset>): CompiledPreset {
  if (preset === null) throw new KaitError('KAIT_GATEWAYS_INVALID', formatMistakes(mistakes));
  return preset;
}

/** What presets of these folders may extend. */
export async function readBases(folders: readonly string[]): Promise<Bases> {
  return basesOf(await filesByName(folders));
}

async function filesByName(folders: readonly string[]): Promise<Map<string, JsonFile[]>> {
  const files = new Map<string, JsonFile[]>();
  for (const [name, paths] of await layeredFiles(folders, jsonNameOf)) {
    files.set(name, paths.map(readJsonFile));
  }
  return files;
}

function basesOf(files: ReadonlyMap<string, JsonFile[]>): Bases {
  return (name) => (files.get(name) ?? []).map(({ text }) => text);
}

/**
 * Checks and compiles the text of one file. `preset` is null if and only if there are mistakes. `bases` are what it may extend.
 */
export function parsePreset(
  file: string,
  text: string,
  bases: Bases = () => [],
): { preset: CompiledPreset | null; mistakes: Mistake[] } {
  const name = basename(file, '.json');
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    const message = 'the file is named after the gateway: expected lower-case letters, digits and _';
    return { preset: null, mistakes: [{ file, line: 1, column: 1, message }] };
  }
  const { value, mistakes } = readJsonText(presetSchema, text, file, (own) => extendPreset(name, own, bases));
  return { preset: value === null ? null : compilePreset(name, value), mistakes };
}

/** Throws only for a preset that its schema has not checked. */
export function compilePreset(name: string, preset: Preset): CompiledPreset {
  const { any, all = [], requires, exclusive = [] } = preset.verify;
  const compile = (selector: string) => compileSelector(parseSelector(selector, eventSelectors));
  const redactions = preset.redact.map(parsePointer);
  const isChallenge = compileChallenges(preset.handshakes);
  return {
    name,
    declared: preset,
    body: { ...preset.body, single: formFieldsOf(preset) },
    acknowledge: compileAnswer(preset.acknowledge, 200),
    reject: compileAnswer(preset.reject, 401),
    handshake: compileHandshakes(preset.handshakes),
    fetch:
      preset.fetch === undefined
        ? null
        : { asksAbout: compileMatch(preset.fetch.match ?? {}), into: preset.fetch.into?.slice(1) ?? null },
    unasked: compileUnasked(preset.fetch),
    methods: new Set(['POST', ...handshakeMethods(preset.handshakes)]),
    needs: needsOf(any ?? all),
    verify: {
      every: any === undefined,
      schemes: (any ?? all).map((scheme) => compileScheme(scheme, isChallenge)),
      requires: requires.map(compile),
      exclusive: exclusive.map((group) => group.map(compile)),
      readsBody: /(?:form|item|json|canonical):/.test(JSON.stringify(any ?? all)),
    },
    batch: preset.event.items !== undefined,
    holds: preset.types?.some(({ hold }) => hold !== undefined) === true,
    items: compileItems(preset.event.items),
    bodyWith: compileBodyWith(preset.event.items),
    itemPointer: (index) => [preset.event.items ?? ''].flat()[0]?.replace('*', String(index)) ?? '',
    event: compileEvent(preset),
    redact: (item) => redactions.reduce(redact, item),
  };
}

/** The fields of a form that any selector of the preset reads, `form:amount`, or `item:/amount` if the form is the event. */
function formFieldsOf(preset: Preset): ReadonlySet<string> {
  const names = new Set(preset.body.field === undefined ? [] : [preset.body.field]);
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      for (const [, name = ''] of value.matchAll(/\bform:([^\s|{}]+)/g)) names.add(name);
      const items = preset.body.field === undefined ? value.matchAll(/\bitem:\/([^\s|{}/]+)/g) : [];
      for (const [, name = ''] of items) names.add(parsePointer(`/${name}`).join());
    } else if (value !== null && typeof value === 'object') {
      for (const [key, member] of Object.entries(value)) [key, member].forEach(visit);
    }
  };
  visit(preset);
  return names;
}

function compileUnasked(fetch: Preset['fetch']): CompiledPreset['unasked'] {
  if (fetch?.cases === undefined) return () => null;
  const first = compileFirstMatch(fetch.cases);
  return (view) => {
    const chosen = first(view);
    return chosen === undefined ? 'the preset has no question about such a notice' : (chosen.skip ?? null);
  };
}

function needsOf(schemes: readonly SchemeOptions[]): CompiledPreset['needs'] {
  if (schemes.every(({ scheme }) => scheme === 'none')) return 'path-secret';
  if (schemes.some((each) => each.scheme === 'asymmetric' && each.key.fetch !== undefined)) return 'nothing';
  return schemes.some((each) => 'keyId' in each && each.keyId !== undefined) ? 'keyring' : 'secrets';
}

function compileEvent(preset: Preset): EventReaders {
  const { event, types = [] } = preset;
  const live = compileFirstMatch(event.live ?? []);
  return {
    kind: compileKinds(event.id, types),
    nativeType: compileAlternatives(event.type, joinType),
    occurredAtMs: compileOccurrence(event.occurredAt),
    live: (view) => live(view)?.is ?? null,
    entity: compileEntity(event.entity ?? []),
    tenant: compileAlternatives(event.tenant ?? [], joinId),
    facts: compileFacts(preset),
  };
}

function compileKinds(id: Preset['event']['id'], types: NonNullable<Preset['types']>): EventReaders['kind'] {
  const byDefault = compileId(id);
  const kinds = types.map((entry) => ({
    match: entry.match,
    kind: {
      canonicalType: entry.type,
      nativeType: entry.native ?? null,
      id: entry.id === undefined ? byDefault : compileId(entry.id),
      holdMs: entry.hold === undefined ? 0 : parseDuration(entry.hold),
    },
  }));
  const first = compileFirstMatch(kinds);
  const other = { canonicalType: null, nativeType: null, id: byDefault, holdMs: 0 };
  return (view) => first(view)?.kind ?? other;
}

/** An alternative may be for some events only. */
function compileEntity(alternatives: NonNullable<Preset['event']['entity']>): ReadText {
  const readers = alternatives.map((each) => {
    const read = compileAlternatives(typeof each === 'string' ? [each] : each.from, joinId);
    const holds = typeof each === 'string' ? () => true : compileMatch(each.match);
    return (view: RequestView) => (holds(view) ? read(view) : undefined);
  });
  return (view) => {
    for (const read of readers) {
      const value = read(view);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** The pointer after the `*` is looked up in each item. An item without a value there is null, and so has no type. */
function compileItems(pointers: string | string[] | undefined): CompiledPreset['items'] {
  if (pointers === undefined) return (document) => [document];
  if (typeof pointers === 'string') return compileList(pointers);
  const lists = pointers.map((pointer) => (pointer === '' ? null : compileList(pointer)));
  return (document) => {
    const items: Json[] = [];
    for (const read of lists) {
      if (read !== null) items.push(...(read(document) ?? []));
      else if (items.length === 0) items.push(document);
    }
    return items.length === 0 ? undefined : items;
  };
}

/** Undefined if there is no such list, or nothing in it. */
function compileList(pointer: string): CompiledPreset['items'] {
  const [list = '', inner = ''] = pointer.split('/*');
  const listPath = parsePointer(list);
  const innerPath = parsePointer(inner);
  return (document) => {
    const items = valueAt(document, listPath);
    if (!Array.isArray(items) || items.length === 0) return undefined;
    return items.map((item) => valueAt(item, innerPath) ?? null);
  };
}

/** See {@link CompiledPreset.bodyWith}. What else is in the body stays. Not for several lists. */
function compileBodyWith(pointer: string | string[] | undefined): CompiledPreset['bodyWith'] {
  if (typeof pointer !== 'string') return (_document, _index, item) => item;
  const [list = '', inner = ''] = pointer.split('/*');
  const listPath = parsePointer(list);
  const innerPath = parsePointer(inner);
  return (document, index, item) => {
    const member = valueAt(document, [...listPath, String(index)]) ?? null;
    return replaceAt(document, listPath, [replaceAt(member, innerPath, item)]);
  };
}
