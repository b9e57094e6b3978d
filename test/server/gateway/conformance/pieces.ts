import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { InboundRequest } from '../../../../server/gateway/request-view.ts';
import { parsePointer } from '../../../../server/gateway/json-pointer.ts';
import { readBody } from '../../../../server/gateway/read-body.ts';
import type { SchemeOptions } from '../../../../server/gateway/schemes/schemes.ts';
import type { Attempt, SignedSample } from './signed-samples.ts';

/** A text in a signed request or in the source's settings, which can be replaced. */
export interface Piece {
  /** The selector: `header:stripe-signature`. */
  name: string;
  text: string;
  /** Whether another letter case is another text. */
  caseCounts: boolean;
  /** The characters to try in it. */
  alphabet: readonly string[];
  with(text: string): Attempt;
  /** Removes it. Undefined if it cannot be left out, or is not part of the request. */
  without?: () => Attempt;
}

/** The signatures and tokens themselves. */
export function signaturePieces(sample: SignedSample): Piece[] {
  return sample.schemes.flatMap((scheme) => {
    const from = signatureSelectorOf(scheme);
    const hex = 'signature' in scheme && scheme.signature.encoding === 'hex';
    const pieces = from === undefined ? [] : piecesAt(sample, from);
    return pieces.map((piece) => ({ ...piece, caseCounts: piece.caseCounts && !hex }));
  });
}

/** The texts that the preset's templates sign. If there are several templates, the first counts, because samples are signed by it. */
export function coveredPieces(sample: SignedSample): Piece[] {
  const selectors = sample.schemes.flatMap((scheme) => templatesOf(scheme).flatMap(selectorsOf));
  return [...new Set(selectors)].flatMap((selector) => piecesAt(sample, selector));
}

/** The texts that every genuine request has, signed or not. */
export function requiredPieces(sample: SignedSample): Piece[] {
  return sample.preset.declared.verify.requires.flatMap((selector) => piecesAt(sample, selector));
}

export function signatureSelectorOf(scheme: SchemeOptions): string | undefined {
  if ('signature' in scheme) return scheme.signature.from;
  return 'from' in scheme ? scheme.from : undefined;
}

export function templatesOf(scheme: SchemeOptions): string[] {
  if ('claims' in scheme) return Object.values(scheme.claims);
  return 'signed' in scheme ? [scheme.signed].flat().slice(0, 1) : [];
}

/** The selectors in a template. */
export function selectorsOf(template: string): string[] {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map(([, selector = '']) => selector.trim());
}

/** Hex digits and base64 first, then a character that is neither. */
export const alphabet = ['0', '1', 'a', 'B', '~'];

/** The first piece of each selector, covered or not. */
export function pieceAt(sample: SignedSample, selector: string): Piece | undefined {
  return piecesAt(sample, selector)[0];
}

function piecesAt(sample: SignedSample, selector: string): Piece[] {
  const [address = '', ...filters] = selector.split(' | ').map((part) => part.trim());
  const [, kind = '', name = ''] = /^([a-z]+):?(.*)$/s.exec(address) ?? [];
  const found = (finders[kind] ?? none)(sample, name, filters);
  const caseCounts = !filters.some((filter) => filter === 'lower' || filter === 'upper');
  return found.map((piece) => ({
    name: selector,
    alphabet,
    ...piece,
    caseCounts: caseCounts && (piece.caseCounts ?? true),
  }));
}

type Found = Pick<Piece, 'text' | 'with' | 'without'> & Partial<Piece>;
type Finder = (sample: SignedSample, name: string, filters: readonly string[]) => Found[];

const none: Finder = () => [];

/** By the kind of selector. `sig:` is part of the signature, and `secret` is not part of the request. */
const finders: Record<string, Finder | undefined> = {
  body: ({ request, credentials }) => [
    {
      text: request.body.toString('latin1'),
      with: (text) => ({ request: { ...request, body: Buffer.from(text, 'latin1') }, credentials }),
    },
  ],
  header({ request, credentials }, name, filters) {
    const whole = String(request.headers[name.toLowerCase()] ?? '');
    const encoded = filters.includes('basic') || filters.includes('bearer');
    const start = encoded ? whole.indexOf(' ') + 1 : 0; // The name of an authentication scheme has no case (RFC 9110).
    const put = (value: string | undefined) => ({
      request: { ...request, headers: withMember<string | string[]>(request.headers, name.toLowerCase(), value) },
      credentials,
    });
    return present({
      text: whole.slice(start),
      with: (text) => put(whole.slice(0, start) + text),
      without: () => put(undefined),
    });
  },
  query({ request, credentials }, name) {
    const [path = '', query = ''] = request.url.split('?');
    const put = (value: string | undefined) => ({
      request: { ...request, url: `${path}?${withField(query, name, value)}` },
      credentials,
    });
    return present({ text: new URLSearchParams(query).get(name) ?? '', with: put, without: () => put(undefined) });
  },
  form: ({ request, credentials }, name) => formPiece({ request, credentials }, name),
  json: (sample, pointer) => documentPiece(sample, pointer),
  item(sample, pointer) {
    if (readBody(sample.request.body, contentType(sample.request), sample.preset.body).form !== null) {
      return formPiece(sample, parsePointer(pointer).join('/'));
    }
    return itemPointers(sample).flatMap((item) => documentPiece(sample, item + pointer));
  },
  path({ request, credentials }) {
    const [path = '', query] = request.url.split('?');
    const rest = query === undefined ? '' : `?${query}`;
    return present({ text: path, with: (text) => ({ request: { ...request, url: text + rest }, credentials }) });
  },
  method: ({ request, credentials }) => [
    { text: request.method, with: (method) => ({ request: { ...request, method }, credentials }) },
  ],
  cfg: ({ request, credentials }, name) =>
    present({
      text: credentials.settings[name] ?? '',
      with: (text) => ({
        request,
        credentials: { ...credentials, settings: { ...credentials.settings, [name]: text } },
      }),
      without: () => ({
        request,
        credentials: { ...credentials, settings: withMember<string>(credentials.settings, name, undefined) },
      }),
    }),
  canonical: (sample, name) => canonicalPieces(sample, name),
};

function present(piece: Found): Found[] {
  return piece.text === '' ? [] : [piece];
}

function formPiece({ request, credentials }: Attempt, name: string): Found[] {
  const body = request.body.toString('utf8');
  const put = (value: string | undefined) => ({
    request: { ...request, body: Buffer.from(withField(body, name, value)) },
    credentials,
  });
  return present({ text: new URLSearchParams(body).get(name) ?? '', with: put, without: () => put(undefined) });
}

/** A value in the body's document. For a text, the part between its quotes. */
function documentPiece(sample: SignedSample, pointer: string): Found[] {
  const text = documentText(sample);
  const node = findNodeAtLocation(parseTree(text)!, locationOf(pointer));
  if (node === undefined || node.value === '' || node.value === null || node.value === undefined) return [];
  const [start, end] = node.type === 'string' ? [node.offset + 1, endOf(node) - 1] : [node.offset, endOf(node)];
  const member = node.parent!;
  const raw = text.slice(start, end);
  const nameless = text.slice(0, member.offset) + text.slice(member.offset).replace(/^"/, '"renamed ');
  return [
    {
      text: raw,
      caseCounts: !raw.includes('\\'), // \u00e9 is \u00E9.
      with: (value) => withDocument(sample, text.slice(0, start) + value + text.slice(end)),
      without: () => withDocument(sample, nameless),
    },
  ];
}

/** The meaning of numbers and lists is signed, not their spelling, so only digits are changed. */
function canonicalPieces(sample: SignedSample, name: string): Found[] {
  const form = sample.schemes.flatMap((scheme) => ('canonical' in scheme ? (scheme.canonical?.[name] ?? []) : []))[0]!;
  const { document } = readBody(sample.request.body, contentType(sample.request), sample.preset.body);
  const fields = Object.keys(document ?? {}).filter(
    (field) => !form.drop.includes(field) && !form.lists.includes(field),
  );
  return fields.flatMap((field) => {
    const [piece] = piecesAt(sample, `item:/${field}`);
    if (piece === undefined) return [];
    const own = { ...piece, name: `canonical ${field}` };
    if (form.zeroOne.includes(field)) return /^[01]$/.test(piece.text) ? [{ ...own, alphabet: ['0', '1'] }] : [];
    if (form.integers.includes(field)) return /^\d+$/.test(piece.text) ? [{ ...own, alphabet: ['0', '1', '7'] }] : [];
    return [own];
  });
}

export function itemPointers({ preset, request }: SignedSample): string[] {
  const { document = null } = readBody(request.body, contentType(request), preset.body);
  return (preset.items(document) ?? []).map((_item, index) => preset.itemPointer(index));
}

/** The JSON text of a request: its body, or one of its fields. */
export function documentText({ preset, request }: Pick<SignedSample, 'preset' | 'request'>): string {
  const { field, encoding } = preset.body;
  const body = request.body.toString('utf8');
  if (field === undefined || !isForm(request)) return body;
  const text = new URLSearchParams(body).get(field) ?? '';
  return encoding === 'base64' ? Buffer.from(text, 'base64').toString('utf8') : text;
}

/** The inverse of {@link documentText}. */
export function withDocument({ preset, request, credentials }: SignedSample, text: string): Attempt {
  const { field, encoding } = preset.body;
  if (field === undefined || !isForm(request)) return { request: { ...request, body: Buffer.from(text) }, credentials };
  const value = encoding === 'base64' ? Buffer.from(text).toString('base64') : text;
  const body = Buffer.from(withField(request.body.toString('utf8'), field, value));
  return { request: { ...request, body }, credentials };
}

export function isForm(request: InboundRequest): boolean {
  return contentType(request).startsWith('application/x-www-form-urlencoded');
}

function contentType({ headers }: InboundRequest): string {
  return String(headers['content-type'] ?? '');
}

function locationOf(pointer: string): (string | number)[] {
  return parsePointer(pointer).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}

export function withField(form: string, name: string, value: string | undefined): string {
  const fields = new URLSearchParams(form);
  if (value === undefined) fields.delete(name);
  else fields.set(name, value);
  return fields.toString();
}

export function withMember<T>(
  members: Readonly<Record<string, T>>,
  name: string,
  value: T | undefined,
): Record<string, T> {
  const others = Object.fromEntries(Object.entries(members).filter(([each]) => each !== name));
  return value === undefined ? others : { ...others, [name]: value };
}
