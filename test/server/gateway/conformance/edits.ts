import { applyEdits, findNodeAtLocation, modify, parseTree, type Node } from 'jsonc-parser';
import type { Json } from '../../../../language/json.ts';
import type { InboundRequest } from '../../../../server/gateway/request-view.ts';
import { parsePointer } from '../../../../server/gateway/json-pointer.ts';
import { documentText, isForm, itemPointers, withDocument, withField, withMember } from './pieces.ts';
import { placesOf, type Place } from './places.ts';
import type { SignedSample } from './signed-samples.ts';

/** A request after a change by somebody who cannot sign. `name` says what was changed. */
export interface Edit {
  name: string;
  request: InboundRequest;
}

/**
 * The sample with one thing changed, left out or added: each header, query parameter, and field of the body, however deep, and also
 * those that the preset reads and the sample lacks. Values that the preset's matches list are tried wherever they belong.
 */
export function editsOf(sample: SignedSample): Edit[] {
  const places = placesOf(sample.preset.declared);
  return [
    ...headerEdits(sample, places),
    ...queryEdits(sample, places),
    ...(isForm(sample.request) ? formEdits(sample, places) : []),
    ...documentEdits(sample, places),
  ];
}

function headerEdits({ request }: SignedSample, places: readonly Place[]): Edit[] {
  const read = places.filter(({ kind }) => kind === 'header').map(({ name }) => name.toLowerCase());
  return unique([...Object.keys(request.headers), ...read]).flatMap((name) => {
    const value = request.headers[name];
    const listed = places.filter((each) => each.kind === 'header' && each.name.toLowerCase() === name);
    const texts = [...listed.flatMap(({ values }) => values), ...(name === 'content-type' ? contentTypes : [])];
    const put = (text: string | string[] | undefined) => ({
      name: `header:${name} ${shown(text)}`,
      request: { ...request, headers: withMember<string | string[]>(request.headers, name, text) },
    });
    if (value === undefined) return unique([...texts, 'x', '1']).map(put);
    const others = unique([...texts, '', `${String(value)}x`, swapped(String(value))]).filter((text) => text !== value);
    return [...others.map(put), put([String(value), 'x']), put(undefined)];
  });
}

const contentTypes = [
  'application/json',
  'application/json; charset=windows-1252',
  'application/json; charset=utf-16le',
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=iso-8859-1',
  'multipart/form-data; boundary=x',
  'text/plain',
];

function queryEdits({ request }: SignedSample, places: readonly Place[]): Edit[] {
  const [path = '', query = ''] = request.url.split('?');
  const edit = fieldEdits(query, 'query', places);
  return edit.map(({ name, form }) => ({ name, request: { ...request, url: `${path}?${form}` } }));
}

function formEdits({ request }: SignedSample, places: readonly Place[]): Edit[] {
  const ofItems = places.filter(({ kind, name }) => kind === 'item' && parsePointer(name).length === 1);
  const fields = ofItems.map((place) => ({ ...place, kind: 'form', name: parsePointer(place.name).join() }));
  const edits = fieldEdits(request.body.toString('utf8'), 'form', [...places, ...fields]);
  return edits.map(({ name, form }) => ({ name, request: { ...request, body: Buffer.from(form) } }));
}

function fieldEdits(form: string, kind: string, places: readonly Place[]): { name: string; form: string }[] {
  const fields = new URLSearchParams(form);
  const read = places.filter((each) => each.kind === kind);
  return unique([...fields.keys(), ...read.map(({ name }) => name)]).flatMap((name) => {
    const value = fields.get(name);
    const listed = read.filter((each) => each.name === name).flatMap(({ values }) => values);
    const put = (text: string | undefined) => ({
      name: `${kind}:${name} ${shown(text)}`,
      form: withField(form, name, text),
    });
    if (value === null) return unique([...listed, 'x', '1', '0', '']).map(put);
    const texts = unique([...listed, ...otherTexts(value)]).filter((text) => text !== value);
    const doubled = unique([...listed, `${value}x`]).flatMap((text) => [
      { name: `${kind}:${name} doubled, ${text} last`, form: `${form}&${field(name, text)}` },
      { name: `${kind}:${name} doubled, ${text} first`, form: `${field(name, text)}&${form}` },
    ]);
    return [...texts.map(put), put(undefined), ...doubled];
  });
}

function field(name: string, text: string): string {
  return new URLSearchParams([[name, text]]).toString();
}

function documentEdits(sample: SignedSample, places: readonly Place[]): Edit[] {
  const { field: fieldName, format } = sample.preset.body;
  if (isForm(sample.request) && fieldName === undefined) return [];
  const text = documentText(sample);
  const edits = format === 'xml' ? xmlEdits(text) : jsonEdits(text, pointersOf(sample, places));
  return edits.map((edit) => ({ name: edit.name, request: withDocument(sample, edit.text).request }));
}

export interface TextEdit {
  name: string;
  text: string;
  isLeftOut: boolean;
}

/** Each element without elements. */
function xmlEdits(text: string): TextEdit[] {
  return [...text.matchAll(/<([\w-]+)([^<>]*)>([^<]*)<\/\1>/g)].flatMap((found) => {
    const [whole, name = '', attributes = '', value = ''] = found;
    const put = (element: string) => text.slice(0, found.index) + element + text.slice(found.index + whole.length);
    return [
      ...otherTexts(value).map((other) => ({
        name: `xml:${name} ${shown(other)}`,
        text: put(`<${name}${attributes}>${other}</${name}>`),
        isLeftOut: false,
      })),
      { name: `xml:${name} ${shown(undefined)}`, text: put(''), isLeftOut: true },
    ];
  });
}

/** The values to try by JSON pointer: of all selectors `json:`, and `item:` in each item. */
function pointersOf(sample: SignedSample, places: readonly Place[]): Map<string, string[]> {
  const items = itemPointers(sample);
  const pointers = new Map<string, string[]>();
  for (const { kind, name, values } of places) {
    const found = kind === 'json' ? [name] : kind === 'item' ? items.map((item) => item + name) : [];
    for (const pointer of found) pointers.set(pointer, [...(pointers.get(pointer) ?? []), ...values]);
  }
  return pointers;
}

/** Changes the text, so that everything else keeps its spelling. */
export function jsonEdits(text: string, read: ReadonlyMap<string, readonly string[]>): TextEdit[] {
  const root = parseTree(text)!;
  const present = pointersIn(root, '');
  return unique([...present, ...read.keys()]).flatMap((pointer) => {
    const path = pathIn(root, pointer);
    if (path === undefined || path.length === 0) return [];
    const node = findNodeAtLocation(root, path);
    const put = (value: Json | undefined) => ({
      name: `json:${pointer} ${shown(value)}`,
      text: applyEdits(text, modify(text, path, value, {})),
      isLeftOut: value === undefined,
    });
    const listed = read.get(pointer) ?? [];
    if (node === undefined) return unique<Json>([...listed, 'x', '1', 1, 0, false, '']).map(put);
    return [...unique<Json>([...listed, ...otherValues(node)]).filter((each) => each !== node.value), undefined].map(
      put,
    );
  });
}

function pointersIn(node: Node, pointer: string): string[] {
  const inner =
    node.type === 'object'
      ? node.children!.map((property) => [String(property.children![0]!.value), property.children![1]!] as const)
      : node.type === 'array'
        ? node.children!.map((member, index) => [String(index), member] as const)
        : [];
  return [
    pointer,
    ...inner.flatMap(([name, member]) =>
      pointersIn(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    ),
  ];
}

/** The location of a pointer, whose last parts need not exist. Undefined if there is a text or a number on the way. */
function pathIn(root: Node, pointer: string): (string | number)[] | undefined {
  const path: (string | number)[] = [];
  let node: Node | undefined = root;
  for (const part of parsePointer(pointer)) {
    if (node !== undefined && node.type !== 'object' && node.type !== 'array') return undefined;
    const isIndex = node === undefined ? /^\d+$/.test(part) : node.type === 'array';
    if (isIndex && !/^\d+$/.test(part)) return undefined;
    path.push(isIndex ? Number(part) : part);
    node = findNodeAtLocation(root, path);
  }
  return path;
}

function otherValues({ type, value }: Node): Json[] {
  switch (type) {
    case 'string':
      return [...otherTexts(String(value)), null, ...numberOf(String(value)), 0, false, [String(value)]];
    case 'number':
      return [Number(value) + 1, String(value), `${String(value)}.0`, `0${String(value)}`, null, '', 0, false, '0'];
    case 'boolean':
      return [value !== true, String(value), value === true ? 1 : 0, null, ''];
    case 'null':
      return ['x', '1', '', 1, 0, false, 'null'];
    case 'object':
    case 'array':
    case 'property':
      return [null, ''];
  }
}

function numberOf(text: string): number[] {
  return /^(?:0|[1-9]\d{0,14})(?:\.\d{1,4})?$/.test(text) ? [Number(text)] : [];
}

/** Another text, the same number in another spelling, blanks, and other letter case. */
function otherTexts(text: string): string[] {
  const spelled = /^\d+$/.test(text)
    ? [`${text}.0`, `${text}.00`, `0${text}`]
    : /^\d+\.\d+$/.test(text)
      ? [`${text}0`]
      : [];
  return unique([`${text}x`, '', '0', 'false', ` ${text}`, swapped(text), ...spelled]).filter((each) => each !== text);
}

function swapped(text: string): string {
  return text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();
}

function shown(value: unknown): string {
  return value === undefined ? 'left out' : `is ${JSON.stringify(value)}`;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
